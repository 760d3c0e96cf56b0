using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Scenarios;

/// <summary>
/// SD-37 as it was asked for: with <c>strict-durability-binding</c> a durable and a transient end may not be bound.
/// The text is only required to name both, the rest of it is up to the broker; no other product has this mode.
/// </summary>
public abstract class StrictDurabilitySpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task SD_37_In_strict_mode_a_queue_of_other_durability_cannot_be_bound(bool exchanges, bool queues)
    {
        var (exchange, queue) = (Name("x"), Name("q"));
        await Channel.ExchangeDeclareAsync(exchange, "direct", exchanges, autoDelete: false);
        await Channel.QueueDeclareAsync(queue, queues, exclusive: false, autoDelete: false);

        var refusal = await Refused(await Connect(), c => c.QueueBindAsync(queue, exchange, "k"));

        IsStrict(refusal, exchange, queue);
    }

    [ConformanceTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task SD_37_In_strict_mode_an_exchange_of_other_durability_cannot_be_bound(bool source, bool target)
    {
        var (from, to) = (Name("from"), Name("to"));
        await Channel.ExchangeDeclareAsync(from, "direct", source, autoDelete: false);
        await Channel.ExchangeDeclareAsync(to, "direct", target, autoDelete: false);

        var refusal = await Refused(await Connect(), c => c.ExchangeBindAsync(to, from, "k"));

        IsStrict(refusal, from, to);
    }

    [ConformanceTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SD_37_In_strict_mode_ends_of_the_same_durability_are_bound(bool durable)
    {
        var (exchange, queue) = (Name("x"), Name("q"));
        await Channel.ExchangeDeclareAsync(exchange, "direct", durable, autoDelete: false);
        await Channel.QueueDeclareAsync(queue, durable, exclusive: false, autoDelete: false);

        await Channel.QueueBindAsync(queue, exchange, "k");
        await Publish(exchange, "k", "m");

        Assert.Equal(["m"], await Drain(queue));
    }

    private static void IsStrict(Refusal refusal, params string[] named)
    {
        Assert.Equal((Closes.Channel, (ushort)406), (refusal.What, refusal.Code));
        Assert.StartsWith("PRECONDITION_FAILED - ", refusal.Text, StringComparison.Ordinal);
        Assert.All(named, name => Assert.Contains($"'{name}'", refusal.Text, StringComparison.Ordinal));
    }
}
