using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary><c>basic.recover</c> (60, 110) and <c>basic.recover-async</c> (60, 100).</summary>
public abstract class RecoverSpec(Broker broker) : RawSpec(broker)
{
    [ConformanceFact]
    public async Task Recover_brings_back_what_the_channel_holds()
    {
        var queue = await Queue();
        await Send(queue, Numbers(3));
        await using var client = await OpenRawChannel();
        await client.Get(queue, autoAck: false);
        await client.Get(queue, autoAck: false);

        await client.Send(1, Methods.BasicRecover, a => a.Octet(1));
        await client.Expect(Methods.BasicRecoverOk);

        await Phase.Until("all messages to be back", async () => await Depth(queue) == 3);
        var back = await DrainDeliveries(queue);
        Assert.Equal([("0", true), ("1", true), ("2", false)], back.Select(d => (d.Body, d.Redelivered)));
    }

    [ConformanceFact]
    public async Task Recover_delivers_again_to_the_consumer_of_the_channel()
    {
        var queue = await Queue();
        await Send(queue, "m");
        await using var client = await OpenRawChannel();
        await client.Consume(queue);
        Assert.Equal((1ul, false), await client.ExpectDelivery());

        await client.Send(1, Methods.BasicRecover, a => a.Octet(1));
        var answers = new List<MethodId>();
        while (answers.Count < 2)
        {
            // The answer and the second delivery may come in either order.
            var frame = await client.Read();
            if (frame is { Type: FrameBytes.MethodFrame })
            {
                answers.Add(frame.Method);
            }
        }

        Assert.Equal(
            [Methods.BasicDeliver, Methods.BasicRecoverOk], answers.OrderBy(m => m.Method));
    }

    [ConformanceFact]
    public async Task Recover_async_has_no_answer()
    {
        var queue = await Queue();
        await Send(queue, "m");
        await using var client = await OpenRawChannel();
        await client.Get(queue, autoAck: false);

        await client.Send(1, Methods.BasicRecoverAsync, a => a.Octet(1));
        await client.RoundTrip();
        await Phase.Until("the message to be back", async () => await Depth(queue) == 1);
    }

    [ConformanceFact]
    public async Task Recover_with_nothing_to_bring_back_is_answered()
    {
        await using var client = await OpenRawChannel();

        await client.Send(1, Methods.BasicRecover, a => a.Octet(1));

        await client.Expect(Methods.BasicRecoverOk);
    }
}
