using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Rights on routing keys, as seen on the wire; the answers are RabbitMQ 3.10's.</summary>
public sealed class TopicPermissionsSpec() : ListenerSpec(
    """
    actor-broker.users.bob {
      password = "a"
      permissions { "/" { configure = ".*", write = ".*", read = ".*" } }
      topic-permissions {
        "/" {
          "amq.topic" { write = "^{username}\\.", read = "^a" }
          "amq.direct" { write = "^$", read = "^$" }
        }
      }
    }
    """)
{
    [Fact]
    public async Task What_is_allowed_goes_through_and_exchanges_of_other_types_do_not_ask()
    {
        var client = await Bob();
        await client.Wire.Declare(1, "q", exclusive: true);
        await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind("q", "amq.topic", "a.#", false, FieldTable.Empty));
        await client.Wire.Call<QueueBind, QueueBindOk>(1, new QueueBind("q", "amq.direct", "bob.direct", false, FieldTable.Empty));
        await client.Wire.Send(Frames.Publish(1, "amq.topic", "bob.1", "topic"u8));
        await client.Wire.Send(Frames.Publish(1, "amq.direct", "bob.direct", "direct"u8));
        Assert.Equal("direct", (await client.Wire.Get(1, "q"))?.Text);
    }

    [Theory]
    [InlineData("publish", "x.1")]
    [InlineData("publish", "alice.1")]
    [InlineData("publish CC", "x.1")]
    [InlineData("bind", "b.1")]
    [InlineData("unbind", "b.1")]
    [InlineData("exchange bind", "b.1")]
    public async Task What_is_not_is_refused_with_403(string what, string key)
    {
        var client = await Bob();
        await client.Wire.Declare(1, "q", exclusive: true);
        switch (what)
        {
            case "publish":
                await client.Wire.Send(Frames.Publish(1, "amq.topic", "bob.1", "fine"u8));
                await client.Wire.Send(Frames.Publish(1, "amq.topic", key, "not"u8));
                break;
            case "publish CC": // RabbitMQ 3.10 looks at the first key only
                var headers = new FieldTable([new("CC", new object?[] { "bob.2", key })]);
                await client.Wire.Send(Frames.Publish(1, "amq.topic", "bob.1", "not"u8, new BasicProperties { Headers = headers }.ToBytes()));
                break;
            case "bind":
                await client.Wire.Send(1, new QueueBind("q", "amq.topic", key, false, FieldTable.Empty));
                break;
            case "unbind":
                await client.Wire.Send(1, new QueueUnbind("q", "amq.topic", key, FieldTable.Empty));
                break;
            default:
                await client.Wire.Send(1, new ExchangeBind("amq.fanout", "amq.topic", key, false, FieldTable.Empty));
                break;
        }

        var close = await client.Wire.ExpectChannelClose(1);
        Assert.Equal(
            (ReplyCode.AccessRefused, $"ACCESS_REFUSED - access to topic '{key}' in exchange 'amq.topic' in vhost '/' refused for user 'bob'"),
            (close.ReplyCode, close.ReplyText));
    }

    private Task<ServedClient> Bob() => OpenChannel(new Handshake().As("bob", "a"));
}
