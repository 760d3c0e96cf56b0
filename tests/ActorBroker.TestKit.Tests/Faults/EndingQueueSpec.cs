using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>
/// From the decision to end a queue until that is committed its name is still seen: what meets it then goes where it would go without it,
/// and whoever declares it anew gets a new one, with the rights that a new one needs.
/// </summary>
public sealed class EndingQueueSpec() : BrokerTestKit(
    journaled: true,
    settings: """
        actor-broker.users.u { password = p, permissions { "/" { configure = ".*", write = "^(q|x)$", read = ".*" } } }
        """)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_mandatory_publish_is_returned_and_any_other_confirmed_once_the_end_is_committed()
    {
        await Broker.DeclareQueue("q");
        var deleted = await BeginDelete("q");
        var mandatory = Broker.Publish("", "q", "m", mandatory: true);
        var plain = Broker.Publish("", "q", "m");
        await Clock.AtRestAsync();
        Assert.False(plain.IsCompleted); // a crash now would bring the queue back, without the message
        Broker.Store.Release();
        Assert.Equal(0, await deleted.WaitAsync(Patience));
        Assert.Equal((PublishResult.Returned, PublishResult.Confirmed), (await mandatory.WaitAsync(Patience), await plain.WaitAsync(Patience)));
        await Broker.Queue("q").ShouldBeGone();
    }

    [Fact]
    public async Task A_declare_waits_for_the_end_and_makes_a_new_queue()
    {
        await Broker.DeclareQueue("q");
        await Broker.Publish("", "q", "old");
        var deleted = await BeginDelete("q");
        var declared = Broker.Client.DeclareQueueAsync("q");
        var between = Broker.Publish("", "q", "between", mandatory: true);
        await Clock.AtRestAsync();
        Assert.False(declared.IsCompleted);
        Broker.Store.Release();
        Assert.Equal(1, await deleted.WaitAsync(Patience));
        Assert.Equal(0, (await declared.WaitAsync(Patience)).Ready);
        var result = await between.WaitAsync(Patience);
        Assert.Equal(PublishResult.Confirmed, await Broker.Publish("", "q", "new", mandatory: true));
        if (result == PublishResult.Confirmed) // it was routed again when the new queue could be seen
        {
            Assert.Equal("between", (await Broker.Get("q", autoAck: true))!.Text);
        }
        else // as published after the old and before the new one
        {
            Assert.Equal(PublishResult.Returned, result);
        }

        Assert.Equal("new", (await Broker.Get("q", autoAck: true))!.Text);
    }

    [Fact]
    public async Task A_second_delete_is_answered_when_the_first_is_committed()
    {
        await Broker.DeclareQueue("q");
        var deleted = await BeginDelete("q");
        var again = Broker.Client.DeleteQueueAsync("q");
        await Clock.AtRestAsync();
        Assert.False(again.IsCompleted);
        Broker.Store.Release();
        Assert.Equal((0, 0), (await deleted.WaitAsync(Patience), await again.WaitAsync(Patience)));
    }

    [Fact]
    public async Task The_alternate_exchange_gets_it()
    {
        await Broker.DeclareExchange("x", options: new ExchangeOptions { AlternateExchange = "amq.fanout" });
        await Broker.DeclareQueue("q");
        await Broker.DeclareQueue("rest", new QueueOptions { Durable = false });
        await Broker.Bind("q", "x", "k");
        await Broker.Bind("rest", "amq.fanout");
        var deleted = await BeginDelete("q");
        var publish = Broker.Publish("x", "k", "m", mandatory: true);
        await Broker.Queue("rest").ShouldHaveDepth(1);
        Broker.Store.Release();
        await deleted.WaitAsync(Patience);
        Assert.Equal(PublishResult.Confirmed, await publish.WaitAsync(Patience));
        await Broker.Queue("rest").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task Of_several_queues_those_that_live_have_it_once_and_only_when_none_has_it_is_it_returned()
    {
        foreach (var (queue, seconds) in new[] { ("a", 2), ("b", 2), ("c", 4) })
        {
            await Broker.DeclareQueue(queue, new QueueOptions { Durable = queue != "c", Expires = TimeSpan.FromSeconds(seconds) });
            await Broker.Bind(queue, "amq.fanout");
        }

        await Broker.ListenAsync();
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, false));
        var heard = Listen(channel);
        Broker.Store.HoldWrites();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(3));
        await Send(channel, "amq.fanout", "1");
        await Broker.Queue("c").ShouldHaveDepth(1);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(2));
        await Send(channel, "amq.fanout", "2");
        Assert.Equal("return 2", await heard.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        Broker.Store.Release();
        Assert.StartsWith("ack", await heard.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        await Broker.Queue("c").ShouldBeGone();
        Assert.DoesNotContain("return", heard.Reader.TryRead(out var next) ? next : ""); // once, not by each queue
    }

    [Fact]
    public async Task A_publisher_without_confirms_and_one_with_a_transaction_get_it_back_too()
    {
        await Broker.DeclareQueue("q");
        await Broker.ListenAsync();
        await using var connection = await Connect();
        await using var plain = await connection.CreateChannelAsync();
        await using var transactional = await connection.CreateChannelAsync();
        var heard = Listen(plain);
        var inTransaction = Listen(transactional);
        await transactional.TxSelectAsync();
        var deleted = await BeginDelete("q");
        await Send(plain, "", "1", "q");
        Assert.Equal("return 1", await heard.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        await Send(transactional, "", "2", "q");
        var committed = transactional.TxCommitAsync();
        Assert.Equal("return 2", await inTransaction.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        Assert.False(committed.IsCompleted);
        Broker.Store.Release();
        await deleted.WaitAsync(Patience);
        await committed.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_dead_letter_goes_where_it_would_go_without_the_queue_that_has_ended()
    {
        await Broker.DeclareExchange("x", options: new ExchangeOptions { AlternateExchange = "amq.fanout" });
        await Broker.DeclareQueue("q");
        await Broker.DeclareQueue("rest", new QueueOptions { Durable = false });
        await Broker.DeclareQueue("source", new QueueOptions { Durable = false, MessageTtl = TimeSpan.FromSeconds(1), DeadLetterExchange = "x", DeadLetterRoutingKey = "k" });
        await Broker.Bind("q", "x", "k");
        await Broker.Bind("rest", "amq.fanout");
        await Broker.Publish("", "source", "m");
        var deleted = await BeginDelete("q");
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(2));
        await Broker.Queue("source").ShouldHaveDepth(0);
        Assert.Equal("m", (await Broker.Get("rest", autoAck: true))!.Text);
        Broker.Store.Release();
        await deleted.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_queue_that_goes_with_its_last_consumer_or_because_nobody_uses_it_swallows_nothing_either()
    {
        await Broker.DeclareQueue("auto", new QueueOptions { AutoDelete = true });
        await Broker.DeclareQueue("expires", new QueueOptions { Expires = TimeSpan.FromSeconds(2) });
        var consumer = await Broker.Consume("auto");
        Broker.Store.HoldWrites();
        await consumer.KillAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(3));
        var publishes = new[] { Broker.Publish("", "auto", "m", mandatory: true), Broker.Publish("", "expires", "m", mandatory: true) };
        await Clock.AtRestAsync();
        Broker.Store.Release();
        Assert.All(await Task.WhenAll(publishes).WaitAsync(Patience), r => Assert.Equal(PublishResult.Returned, r));
    }

    [Fact]
    public async Task The_rights_of_a_new_queue_are_asked_for_although_the_old_one_was_still_seen()
    {
        await Broker.DeclareQueue("q", new QueueOptions { DeadLetterExchange = "secret" });
        await Broker.DeclareExchange("x", options: new ExchangeOptions { AlternateExchange = "secret" });
        await Broker.ListenAsync();
        await using var connection = await Connect("u");
        await using (var allowed = await connection.CreateChannelAsync())
        {
            await DeclareAsUser(allowed, queue: true); // it is there: nothing comes of its arguments
            await DeclareAsUser(allowed, queue: false);
        }

        var deleted = await BeginDelete("q");
        var exchange = Broker.Client.DeleteExchangeAsync("x");
        await Clock.AtRestAsync();
        await using var first = await connection.CreateChannelAsync();
        await using var other = await Connect("u");
        await using var second = await other.CreateChannelAsync();
        var declares = new[] { DeclareAsUser(first, queue: true), DeclareAsUser(second, queue: false) };
        await Task.WhenAny(declares[0], Task.Delay(200)); // until the broker has read them: nothing tells
        Broker.Store.Release();
        await Task.WhenAll(deleted, exchange).WaitAsync(Patience);
        foreach (var declare in declares)
        {
            var refusal = await Assert.ThrowsAsync<OperationInterruptedException>(() => declare.WaitAsync(Patience));
            Assert.Contains("ACCESS_REFUSED - access to exchange 'secret' in vhost '/' refused for user 'u'", refusal.Message);
        }

        await Broker.Queue("q").ShouldBeGone();
    }

    /// <summary>A place of the limit that the channel's consumers share is not kept for one whose queue has ended.</summary>
    [Fact]
    public async Task The_place_of_its_consumer_goes_to_another_queue()
    {
        await Broker.DeclareQueue("q");
        await Broker.DeclareQueue("other", new QueueOptions { Durable = false });
        await Broker.ListenAsync();
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, 1, global: true);
        var got = System.Threading.Channels.Channel.CreateUnbounded<(string Text, ulong Tag)>();
        foreach (var queue in new[] { "other", "q" })
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, e) => got.Writer.WriteAsync((Encoding.UTF8.GetString(e.Body.Span), e.DeliveryTag)).AsTask();
            await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        }

        await Broker.Publish("", "other", "1");
        var first = await got.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        await Broker.Publish("", "q", "waits for the place");
        var deleted = await BeginDelete("q");
        await Broker.Publish("", "other", "2");
        await channel.BasicAckAsync(first.Tag, multiple: false);
        Assert.Equal("2", (await got.Reader.ReadAsync().AsTask().WaitAsync(Patience)).Text);
        Broker.Store.Release();
        Assert.Equal(1, await deleted.WaitAsync(Patience));
    }

    private async Task<Task<int>> BeginDelete(string queue)
    {
        Broker.Store.HoldWrites();
        var deleted = Broker.Client.DeleteQueueAsync(queue);
        await Clock.AtRestAsync();
        Assert.False(deleted.IsCompleted);
        return deleted;
    }

    private Task<IConnection> Connect(string? user = null)
    {
        var factory = new ConnectionFactory { Uri = Broker.AmqpUri, AutomaticRecoveryEnabled = false };
        if (user is not null)
        {
            (factory.UserName, factory.Password) = (user, "p");
        }

        return factory.CreateConnectionAsync();
    }

    private static Task DeclareAsUser(IChannel channel, bool queue) => queue
        ? channel.QueueDeclareAsync("q", true, false, false, new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "secret" })
        : channel.ExchangeDeclareAsync("x", "direct", true, false, new Dictionary<string, object?> { ["alternate-exchange"] = "secret" });

    private static async Task Send(IChannel channel, string exchange, string body, string key = "") =>
        await channel.BasicPublishAsync(exchange, key, mandatory: true, new RabbitMQ.Client.BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(body));

    /// <summary>Returns and confirms in the order in which they come.</summary>
    private static System.Threading.Channels.Channel<string> Listen(IChannel channel)
    {
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string>();
        channel.BasicReturnAsync += (_, e) => heard.Writer.WriteAsync($"return {Encoding.UTF8.GetString(e.Body.Span)}").AsTask();
        channel.BasicAcksAsync += (_, e) => heard.Writer.WriteAsync($"ack {e.DeliveryTag}").AsTask();
        channel.BasicNacksAsync += (_, e) => heard.Writer.WriteAsync($"nack {e.DeliveryTag}").AsTask();
        return heard;
    }
}
