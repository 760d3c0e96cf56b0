using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Channels;
using ActorBroker.Listener.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>A channel that publishes to several exchanges in turn knows each of them, and hears at once when one becomes another.</summary>
public sealed class AlternatingPublishSpec() : ListenerSpec(
    """
    actor-broker.users.bob {
      password = "a"
      permissions { "/" { configure = ".*", write = "^(one|two)$", read = ".*" } }
    }
    """)
{
    [Fact]
    public async Task It_allocates_nothing_per_publish()
    {
        const int Publishes = 2_000;
        const int Names = 7; // a frame: type, channel and size come before the payload
        var client = await OpenChannel(new Handshake().As("bob", "a"));
        await Exchange(client, "one");
        await Exchange(client, "two");
        var methods = new[] { Payload("one"), Payload("two") };
        var header = Frames.Header(1, bodySize: 0)[Names..^1];
        var publisher = new AmqpChannel(client.Connection, 7).Publisher; // of no turn: nobody else touches it
        Publish();
        Assert.InRange(Enumerable.Range(0, 5).Min(_ => Publish()), 0, Publishes / 2); // bytes; an object for each would be 24 times that

        long Publish()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Publishes; i++)
            {
                publisher.Begin(methods[i % 2]);
                publisher.Header(header);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        static byte[] Payload(string exchange) => Frames.PublishMethod(1, exchange, "nobody is bound by this")[Names..^1];
    }

    [Fact]
    public async Task Changes_of_either_exchange_are_seen_at_once()
    {
        var client = await OpenChannel();
        var other = await OpenChannel();
        await client.Wire.Declare(1, "q1");
        await client.Wire.Declare(1, "q2");
        await Exchange(client, "one", "q1");
        await Exchange(client, "two", "q2");
        await Arrive("1", "2");

        await Exchange(other, "three"); // nothing to do with them
        await Arrive("1", "2");
        await Bind("q2", "one");
        await Arrive("1", "12");
        await Unbind("q1", "one");
        await Arrive("", "12");
        await Unbind("q2", "two");
        await Arrive("", "1");
        await other.Wire.Call<ExchangeBind, ExchangeBindOk>(1, new ExchangeBind("one", "two", "k", NoWait: false, FieldTable.Empty));
        await Arrive("", "12");
        await Unbind("q2", "one"); // behind the first exchange
        await Bind("q1", "one");
        await Arrive("12", "");
        await other.Wire.Call<ExchangeDelete, ExchangeDeleteOk>(1, new ExchangeDelete("two", IfUnused: false, NoWait: false));
        await Exchange(other, "two", "q2");
        await Arrive("1", "2");
        await other.Wire.Call<QueueDelete, QueueDeleteOk>(1, new QueueDelete("q1", IfUnused: false, IfEmpty: false, NoWait: false));
        await client.Wire.Declare(1, "q1");
        await Arrive("", "2");

        Task Bind(string queue, string exchange) =>
            other.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind(queue, exchange, "k", NoWait: false, FieldTable.Empty));

        Task Unbind(string queue, string exchange) =>
            other.Wire.Call<QueueUnbind, QueueUnbindOk>(1, new QueueUnbind(queue, exchange, "k", FieldTable.Empty));

        // What the two queues hold when each exchange got its number.
        async Task Arrive(string first, string second)
        {
            await client.Wire.Send(Frames.Publish(1, "one", "k", "1"u8));
            await client.Wire.Send(Frames.Publish(1, "two", "k", "2"u8));
            Assert.Equal((first, second), (await Drain("q1"), await Drain("q2")));
        }

        async Task<string> Drain(string queue)
        {
            var all = "";
            while (await client.Wire.Get(1, queue) is { } got)
            {
                all += got.Text;
            }

            return all;
        }
    }

    [Theory]
    [InlineData("one")]
    [InlineData("two")]
    public async Task Rights_that_are_taken_away_count_from_the_next_publish_on(string exchange)
    {
        var client = await OpenChannel(new Handshake().As("bob", "a"));
        await Exchange(client, "one");
        await Exchange(client, "two");
        for (var i = 0; i < 4; i++)
        {
            await client.Wire.Send(Frames.Publish(1, i % 2 == 0 ? "one" : "two", "k", "fine"u8));
        }

        await Exchange(client, "one"); // behind them
        var changed = new TopologyProtocol.SetPermissions("bob", "/", ".*", "^$", ".*");
        Broker.Topology.Tell(changed, ActorRefs.NoSender);
        await changed.Reply.Task;

        await client.Wire.Send(Frames.Publish(1, exchange, "k", "not"u8));
        Assert.Equal(ReplyCode.AccessRefused, (await client.Wire.ExpectChannelClose(1)).ReplyCode);
    }

    private static async Task Exchange(ServedClient client, string name, string? boundTo = null)
    {
        await client.Wire.Call<ExchangeDeclare, ExchangeDeclareOk>(
            1, new ExchangeDeclare(name, "direct", Passive: false, Durable: false, AutoDelete: false, Internal: false, NoWait: false, FieldTable.Empty));
        if (boundTo is not null)
        {
            await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind(boundTo, name, "k", NoWait: false, FieldTable.Empty));
        }
    }
}
