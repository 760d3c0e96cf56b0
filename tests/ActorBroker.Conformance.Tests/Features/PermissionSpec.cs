using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Which right each operation needs. The three users have one right each: configure, write or read.</summary>
public abstract class PermissionSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceTheory]
    [InlineData("configurer")]
    [InlineData("writer", "queue '{queue}'")]
    [InlineData("reader", "queue '{queue}'")]
    public Task Declaring_a_queue_needs_configure(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.QueueDeclareAsync(n.Queue, false, false, false));

    [ConformanceTheory]
    [InlineData("configurer")]
    [InlineData("writer", "queue '{queue}'")]
    [InlineData("reader", "queue '{queue}'")]
    public Task Deleting_a_queue_needs_configure(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.QueueDeleteAsync(n.Queue, false, false));

    [ConformanceTheory]
    [InlineData("configurer")]
    [InlineData("writer", "exchange '{exchange}'")]
    [InlineData("reader", "exchange '{exchange}'")]
    public Task Declaring_an_exchange_needs_configure(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.ExchangeDeclareAsync(n.Exchange, "topic", false, false));

    [ConformanceTheory]
    [InlineData("configurer")]
    [InlineData("writer", "exchange '{exchange}'")]
    [InlineData("reader", "exchange '{exchange}'")]
    public Task Deleting_an_exchange_needs_configure(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.ExchangeDeleteAsync(n.Exchange));

    [ConformanceTheory]
    [InlineData("configurer", "exchange '{exchange}'")]
    [InlineData("writer")]
    [InlineData("reader", "exchange '{exchange}'")]
    public Task SD_23_Publishing_needs_write(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.BasicPublishAsync(n.Exchange, "k", "m"u8.ToArray()).AsTask());

    [ConformanceTheory]
    [InlineData("configurer", "exchange 'amq.default'")]
    [InlineData("writer")]
    [InlineData("reader", "exchange 'amq.default'")]
    public Task Publishing_to_the_default_exchange_needs_write(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.BasicPublishAsync("", n.Queue, "m"u8.ToArray()).AsTask());

    [ConformanceTheory]
    [InlineData("configurer", "queue '{queue}'")]
    [InlineData("writer", "queue '{queue}'")]
    [InlineData("reader")]
    public Task Consuming_needs_read(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.BasicConsumeAsync(n.Queue, true, new Inbox(c, n.Queue, Phase)));

    [ConformanceTheory]
    [InlineData("configurer", "queue '{queue}'")]
    [InlineData("writer", "queue '{queue}'")]
    [InlineData("reader")]
    public Task Getting_needs_read(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.BasicGetAsync(n.Queue, true));

    [ConformanceTheory]
    [InlineData("configurer", "queue '{queue}'")]
    [InlineData("writer", "queue '{queue}'")]
    [InlineData("reader")]
    public Task Purging_needs_read(string user, string? refused = null) =>
        Needs(user, refused, (c, n) => c.QueuePurgeAsync(n.Queue));

    [ConformanceTheory]
    [InlineData("configurer", "queue '{queue}'")]
    [InlineData("writer", "exchange '{exchange}'")]
    [InlineData("reader", "queue '{queue}'")]
    public Task Binding_needs_write_on_the_queue_and_read_on_the_exchange(string user, string refused) =>
        Needs(user, refused, (c, n) => c.QueueBindAsync(n.Queue, n.Exchange, "k"));

    [ConformanceTheory]
    [InlineData("configurer", "queue '{queue}'")]
    [InlineData("writer", "exchange '{exchange}'")]
    [InlineData("reader", "queue '{queue}'")]
    public Task Unbinding_needs_the_same_as_binding(string user, string refused) =>
        Needs(user, refused, (c, n) => c.QueueUnbindAsync(n.Queue, n.Exchange, "k"));

    [ConformanceTheory]
    [InlineData("configurer", "exchange '{exchange}'")]
    [InlineData("writer", "exchange 'amq.topic'")]
    [InlineData("reader", "exchange '{exchange}'")]
    public Task Binding_exchanges_needs_write_on_the_target_and_read_on_the_source(string user, string refused) =>
        Needs(user, refused, (c, n) => c.ExchangeBindAsync(n.Exchange, "amq.topic", "k"));

    [ConformanceTheory]
    [InlineData("configurer")]
    [InlineData("writer")]
    [InlineData("reader")]
    public async Task Passive_declares_need_no_right(string user)
    {
        await Needs(user, null, (c, n) => c.QueueDeclarePassiveAsync(n.Queue));
        await Needs(user, null, (c, n) => c.ExchangeDeclarePassiveAsync(n.Exchange));
    }

    [ConformanceFact]
    public async Task Dead_lettering_needs_read_on_the_queue()
    {
        var queue = Name("new");
        var connection = await Connect(Accounts.Configurer);

        var refusal = await Refused(
            connection,
            c => c.QueueDeclareAsync(queue, false, false, false, Table(("x-dead-letter-exchange", "amq.fanout"))));

        Assert.Equal(Refused("configurer", $"queue '{queue}'"), refusal);
    }

    [ConformanceFact]
    public async Task An_alternate_exchange_needs_read_on_the_exchange()
    {
        var exchange = Name("new");
        var connection = await Connect(Accounts.Configurer);

        var refusal = await Refused(
            connection,
            c => c.ExchangeDeclareAsync(
                exchange, "topic", false, false, Table(("alternate-exchange", "amq.fanout"))));

        Assert.Equal(Refused("configurer", $"exchange '{exchange}'"), refusal);
    }

    [ConformanceFact]
    public async Task A_refusal_ends_only_the_channel()
    {
        var queue = await Queue();
        var connection = await Connect(Accounts.Reader);
        await Refused(connection, c => c.QueueDeleteAsync(queue, false, false));

        Assert.Null(await Get(queue, autoAck: true, await Open(connection)));
    }

    private static Refusal Refused(string user, string resource) =>
        Refusal.OfChannel(403, $"ACCESS_REFUSED - access to {resource} in vhost '/' refused for user '{user}'");

    private async Task Needs(string user, string? refused, Func<IChannel, (string Queue, string Exchange), Task> act)
    {
        var names = (Queue: await Queue(), Exchange: await Exchange("topic"));
        var connection = await Connect(Accounts.All.Single(a => a.Name == user));
        if (refused is null)
        {
            var channel = await Open(connection);
            await act(channel, names);
            await channel.BasicQosAsync(0, 0, global: false);
            return;
        }

        var resource = refused.Replace("{queue}", names.Queue, StringComparison.Ordinal)
            .Replace("{exchange}", names.Exchange, StringComparison.Ordinal);
        Assert.Equal(Refused(user, resource), await Refused(connection, c => act(c, names)));
    }
}
