using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.BackPressure;

/// <summary>A client that does not take its answers, while others use up what all connections may have to send.</summary>
public sealed class SharedOutboxSpec() : VirtualTimeSpec("actor-broker.amqp.max-in-flight = 64MiB")
{
    private const long Much = 1L << 40;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Goes_on_when_the_others_have_given_theirs_back()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Send(Frames.Publish(1, "", "q", new byte[256 << 10]));
        await client.Wire.Sync(1);
        Broker.Shares.Outboxes.Add(Much);
        byte[] getAndGiveBack = [.. Frames.Method(1, new BasicGet("q", NoAck: false)), .. Frames.Method(1, new BasicNack(0, Multiple: true, Requeue: true))];
        for (var i = 0; i < 8; i++)
        {
            await client.Wire.Send(getAndGiveBack);
        }

        await Eventually(() => client.Connection.Outbox.IsOverfull, "the answers to pile up");
        await client.Wire.Send(Frames.Heartbeat);
        await Eventually(() => client.Connection.IsNotRead, "the client to be held back");
        Broker.Shares.Outboxes.Add(-Much);
        await Pass(Look, Look, client);
        await Eventually(() => !client.Connection.IsNotRead && !client.Connection.Outbox.IsAwaited, "the client to be read again");
    }
}
