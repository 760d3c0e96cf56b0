using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>A publish that is byte for byte as the one before is not parsed again: nobody may see that.</summary>
public sealed class RepeatedPublishSpec : ListenerSpec
{
    private static readonly string[] Keys = ["a", "b", "nowhere"];

    private static readonly byte[][] Properties =
    [
        new BasicProperties().ToBytes(),
        new BasicProperties { DeliveryMode = 2, ContentType = "text/plain" }.ToBytes(),
        new BasicProperties { DeliveryMode = 1, ContentType = "text/plain" }.ToBytes(),
        new BasicProperties { Expiration = "0" }.ToBytes(), // gone before anybody can get it
        new BasicProperties { Headers = new FieldTable([new("CC", new object?[] { "b" })]) }.ToBytes(),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_of_a_random_history_goes_its_own_way(int seed)
    {
        var dice = new Random(seed);
        var client = await OpenChannel();
        await client.Wire.Declare(1, "a");
        await client.Wire.Declare(1, "b");
        var (key, properties, mandatory) = (0, 0, false);
        for (var i = 0; i < 400; i++)
        {
            if (dice.Next(2) == 0) // else the same again
            {
                (key, properties, mandatory) = (dice.Next(Keys.Length), dice.Next(Properties.Length), dice.Next(2) == 0);
            }

            var copied = properties == 4;
            await client.Wire.Send(Frames.Publish(1, "", Keys[key], BitConverter.GetBytes(i), Properties[properties], mandatory));
            if (mandatory && Keys[key] == "nowhere" && !copied)
            {
                Assert.Equal("nowhere", (await client.Wire.Expect<BasicReturn>(1)).RoutingKey.ToString());
                await client.Wire.ReadContent(1);
            }

            foreach (var queue in (string[])["a", "b"])
            {
                var expected = properties != 3 && (Keys[key] == queue || (copied && queue == "b"));
                var got = await client.Wire.Get(1, queue);
                Assert.Equal(expected ? i : -1, got is null ? -1 : BitConverter.ToInt32(got.Body));
            }
        }
    }

    [Fact]
    public async Task Its_exchange_may_be_deleted_or_become_another_one_in_between()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q", exclusive: true);
        await Exchange("direct", isInternal: false);
        await client.Wire.Send(Frames.Publish(1, "e", "k", "1"u8));
        await client.Wire.Send(Frames.Publish(1, "e", "k", "2"u8));
        Assert.Equal("1", (await client.Wire.Get(1, "q"))?.Text);
        Assert.Equal("2", (await client.Wire.Get(1, "q"))?.Text);

        await client.Wire.Call<ExchangeDelete, ExchangeDeleteOk>(1, new ExchangeDelete("e", IfUnused: false, NoWait: false));
        await Refused(ReplyCode.NotFound);
        await Refused(ReplyCode.NotFound);
        await Exchange("direct", isInternal: true);
        await Refused(ReplyCode.AccessRefused);

        async Task Exchange(string type, bool isInternal)
        {
            await client.Wire.Call<ExchangeDeclare, ExchangeDeclareOk>(
                1, new ExchangeDeclare("e", type, Passive: false, Durable: false, AutoDelete: false, isInternal, NoWait: false, FieldTable.Empty));
            await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind("q", "e", "k", NoWait: false, FieldTable.Empty));
        }

        async Task Refused(ReplyCode code)
        {
            await client.Wire.Send(Frames.Publish(1, "e", "k", "again"u8));
            Assert.Equal(code, (await client.Wire.ExpectChannelClose(1)).ReplyCode);
            await client.Wire.Send(1, default(ChannelCloseOk));
            await client.Wire.OpenChannel(1);
        }
    }

    [Fact]
    public async Task The_first_one_is_looked_at_whatever_it_lacks()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Send(Frames.Publish(1, "", "q", "without flags"u8, properties: []));
        Assert.Equal(ReplyCode.SyntaxError, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    [Fact]
    public async Task An_immediate_one_is_refused_behind_one_that_is_else_the_same()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Send(Frames.Publish(1, "", "q", "fine"u8));
        await client.Wire.Send(Frames.PublishMethod(1, "", "q", immediate: true));
        Assert.Equal(ReplyCode.NotImplemented, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }
}
