using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>What binding, deleting and purging queues (class 50) refuse, and exclusive queues of others.</summary>
public abstract class QueueErrorsSpec(Broker broker) : ConformanceSpec(broker)
{
    private const string NoneDeclared = "NOT_FOUND - no previously declared queue";

    [ConformanceFact]
    public Task Binding_without_a_name_or_an_earlier_declare_is_not_found() =>
        ClosesChannel(404, NoneDeclared, c => c.QueueBindAsync("", "amq.direct", "k"));

    [ConformanceFact]
    public Task Consuming_without_a_name_or_an_earlier_declare_is_not_found() =>
        ClosesChannel(404, NoneDeclared, c => c.BasicConsumeAsync("", true, new Inbox(c, "", Phase)));

    [ConformanceFact]
    public async Task An_empty_queue_name_means_the_queue_declared_last_on_the_channel()
    {
        var queue = await Queue();

        await Channel.QueueBindAsync("", "amq.direct", queue);
        await Publish("amq.direct", queue, "m");

        Assert.Equal("m", (await Get(""))?.Body);
    }

    [ConformanceFact]
    public async Task Binding_to_a_missing_exchange_is_not_found()
    {
        var queue = await Queue();
        var missing = Name("nope");

        await ClosesChannel(
            404, $"NOT_FOUND - no exchange '{missing}' in vhost '/'", c => c.QueueBindAsync(queue, missing, "k"));
    }

    [ConformanceFact]
    public async Task Binding_a_missing_queue_is_not_found()
    {
        var missing = Name("nope");

        await ClosesChannel(
            404, $"NOT_FOUND - no queue '{missing}' in vhost '/'", c => c.QueueBindAsync(missing, "amq.direct", "k"));
    }

    [ConformanceFact]
    public async Task Unbinding_what_was_never_bound_is_fine() =>
        await Channel.QueueUnbindAsync(await Queue(), "amq.direct", "never");

    [ConformanceFact]
    public async Task Deleting_a_missing_queue_is_fine_and_counts_nothing() =>
        Assert.Equal(0u, await Channel.QueueDeleteAsync(Name("nope"), ifUnused: false, ifEmpty: false));

    [ConformanceFact]
    public async Task Deleting_a_queue_with_messages_if_empty_is_refused()
    {
        var queue = await Queue();
        await Send(queue, "m");

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - queue '{queue}' in vhost '/' not empty",
            c => c.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: true));
    }

    [ConformanceFact]
    public async Task Deleting_a_queue_with_a_consumer_if_unused_is_refused()
    {
        var queue = await Queue();
        await Consume(queue);

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - queue '{queue}' in vhost '/' in use",
            c => c.QueueDeleteAsync(queue, ifUnused: true, ifEmpty: false));
    }

    [ConformanceFact]
    public async Task Purging_a_missing_queue_is_not_found()
    {
        var missing = Name("nope");

        await ClosesChannel(404, $"NOT_FOUND - no queue '{missing}' in vhost '/'", c => c.QueuePurgeAsync(missing));
    }

    [ConformanceTheory]
    [InlineData("declare")]
    [InlineData("passive declare")]
    [InlineData("consume")]
    [InlineData("get")]
    [InlineData("bind")]
    [InlineData("purge")]
    [InlineData("delete")]
    public async Task An_exclusive_queue_is_locked_for_other_connections(string use)
    {
        var queue = Name("mine");
        await Channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);

        await ClosesChannel(
            405,
            $"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{queue}' in vhost '/'. It could be "
            + "originally declared on another connection or the exclusive property value does not match that of the "
            + "original declaration.",
            c => use switch
            {
                "declare" => c.QueueDeclareAsync(queue, false, exclusive: true, false),
                "passive declare" => c.QueueDeclarePassiveAsync(queue),
                "consume" => c.BasicConsumeAsync(queue, true, new Inbox(c, queue, Phase)),
                "get" => c.BasicGetAsync(queue, true),
                "bind" => c.QueueBindAsync(queue, "amq.direct", "k"),
                "purge" => c.QueuePurgeAsync(queue),
                _ => c.QueueDeleteAsync(queue, false, false),
            });
    }

    [ConformanceFact]
    public async Task Anyone_may_publish_to_an_exclusive_queue()
    {
        var queue = Name("mine");
        await Channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false);
        var stranger = await ActorBroker.Tests.Shared.Publisher.Open(await Connect(), Phase);

        Assert.True(await stranger.Publish("", queue, "m", mandatory: true));

        Assert.Empty(stranger.Returns);
        Assert.Equal("m", (await Get(queue))?.Body);
    }

    [ConformanceTheory]
    [InlineData("some", "<<\"some\">>")]
    [InlineData("", "<<>>")]
    public async Task Binding_with_an_invalid_match_mode_is_refused(string mode, string shown)
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();

        await ClosesChannel(
            406,
            $"PRECONDITION_FAILED - Invalid x-match field value {shown}; expected all, any, all-with-x, or any-with-x",
            c => c.QueueBindAsync(queue, exchange, "", Table(("x-match", mode))));
    }

    [ConformanceFact]
    public async Task Binding_with_a_match_mode_that_is_no_text_is_refused()
    {
        var exchange = await Exchange("headers");
        var queue = await Queue();

        await ClosesChannel(
            406,
            "PRECONDITION_FAILED - Invalid x-match field type signedint (value 1); expected longstr",
            c => c.QueueBindAsync(queue, exchange, "", Table(("x-match", 1))));
    }
}
