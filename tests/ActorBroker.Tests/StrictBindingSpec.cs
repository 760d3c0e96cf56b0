using ActorBroker.Amqp;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests;

/// <summary>actor-broker.amqp.strict-durability-binding = on.</summary>
public sealed class StrictBindingSpec() : BrokerSpec("actor-broker.amqp.strict-durability-binding = on")
{
    [Fact]
    public async Task A_durable_and_a_non_durable_end_may_not_be_bound()
    {
        await Declare("transient");
        await Declare("durable", durable: true);
        await Exchange("e", durable: true);
        await Bind("e", "durable");
        var refusal = await Assert.ThrowsAsync<ChannelException>(() => Bind("e", "transient"));
        Assert.Equal(ReplyCode.PreconditionFailed, refusal.Code);
        Assert.Contains("exchange 'e' in vhost '/'", refusal.ReplyText);
        Assert.Contains("queue 'transient' in vhost '/'", refusal.ReplyText);
    }
}
