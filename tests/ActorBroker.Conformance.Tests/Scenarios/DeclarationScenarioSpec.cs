using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Scenarios;

/// <summary>Properties that stay, bindings that come and go.</summary>
public abstract class DeclarationScenarioSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task SD_33_The_properties_of_a_queue_that_exists_cannot_be_changed()
    {
        var queue = Name("d");
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - inequivalent arg 'durable' for queue '{queue}' in vhost '/': "
            + "received 'false' but current is 'true'",
            c => c.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false));
    }

    [ConformanceTheory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task SD_37_Durable_and_transient_ends_may_be_bound(bool durableExchange, bool durableQueue)
    {
        var (exchange, queue) = (Name("x"), Name("q"));
        await Channel.ExchangeDeclareAsync(exchange, "direct", durableExchange, autoDelete: false);
        await Channel.QueueDeclareAsync(queue, durableQueue, exclusive: false, autoDelete: false);

        await Channel.QueueBindAsync(queue, exchange, "k");
        await Publish(exchange, "k", "m");

        Assert.Equal(["m"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_38_Only_deleting_makes_room_for_other_properties()
    {
        var queue = Name("q");
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        await Send(queue, "m");

        Assert.Equal(1u, await Channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false));
        var again = await Channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false);

        Assert.Equal(0u, again.MessageCount);
    }

    [ConformanceFact]
    public async Task SD_38_An_exchange_may_change_its_type_after_deletion()
    {
        var exchange = await Exchange("direct");
        var queue = await BoundQueue(exchange, "q", "k");

        await Channel.ExchangeDeleteAsync(exchange);
        await Channel.ExchangeDeclareAsync(exchange, "fanout", durable: false, autoDelete: false);
        await Publish(exchange, "k", "the old binding is gone");
        await Channel.QueueBindAsync(queue, exchange, "");
        await Publish(exchange, "anything", "m");

        Assert.Equal(["m"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_39_Unbinding_ends_the_interest_of_a_queue()
    {
        var exchange = await Exchange("direct");
        var queue = await BoundQueue(exchange, "q", "a", "b");

        await Channel.QueueUnbindAsync(queue, exchange, "a");
        await Publish(exchange, "a", "unbound");
        await Publish(exchange, "b", "still bound");

        Assert.Equal(["still bound"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_39_Binding_twice_is_one_binding()
    {
        var exchange = await Exchange("direct");
        var queue = await BoundQueue(exchange, "q", "a", "a");

        await Publish(exchange, "a", "once");
        await Channel.QueueUnbindAsync(queue, exchange, "a");
        await Publish(exchange, "a", "never");

        Assert.Equal(["once"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_39_Bindings_with_other_arguments_are_other_bindings()
    {
        var exchange = await Exchange("direct");
        var queue = await Queue();
        await Channel.QueueBindAsync(queue, exchange, "a", Table(("note", "one")));
        await Channel.QueueBindAsync(queue, exchange, "a", Table(("note", "two")));

        await Channel.QueueUnbindAsync(queue, exchange, "a", Table(("note", "one")));
        await Publish(exchange, "a", "m");

        Assert.Equal(["m"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task SD_39_Deleting_a_queue_removes_its_bindings()
    {
        var exchange = await Exchange("fanout");
        var queue = await BoundQueue(exchange, "q", "");

        await Channel.QueueDeleteAsync(queue, false, false);
        await Channel.QueueDeclareAsync(queue, false, false, false);
        await Publish(exchange, "", "m");

        Assert.Empty(await Drain(queue));
    }
}
