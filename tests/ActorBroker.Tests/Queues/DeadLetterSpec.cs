using ActorBroker.Addresses;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Queues;

/// <summary>Where messages go that leave a queue without being acked.</summary>
public sealed class DeadLetterSpec : BrokerSpec
{
    private readonly Publisher _publisher = new();
    private readonly FakeEndpoint _endpoint = new();

    [Fact]
    public async Task A_rejected_message_goes_to_the_dead_letter_exchange_with_its_own_key()
    {
        await Exchange("dlx", "fanout");
        var dead = await Queue("dead");
        await Bind("dlx", "dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", "dlx"));
        await Publish(queue, Publisher.Numbered(1, key: "key"));

        var holder = Holder(queue);
        var got = await Get(holder);
        Settle(holder, got.Number, Outcome.Discard);
        var letter = await Next(dead);
        Assert.Equal(("dlx", "key", "1"), (Text(letter.Exchange), Text(letter.RoutingKey), Text(letter.Body)));
        var death = Assert.IsType<FieldTable>(Assert.Single((IReadOnlyList<object?>)HeadersOf(letter)["x-death"]!));
        Assert.Equal(("rejected", "q", 1L), (death["reason"], death["queue"], death["count"]));
    }

    [Fact]
    public async Task Thousands_that_expire_together_leave_in_turns_and_others_are_served_between()
    {
        var dead = await Queue("dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"), ("x-message-ttl", 1000));
        for (var i = 0; i < 5; i++)
        {
            await Publish(queue, [.. Enumerable.Range(i * 1000, 1000).Select(n => Publisher.Numbered(n))]);
        }

        var probe = CreateTestProbe();
        dead.ServedBy(probe.Ref);
        Pass(TimeSpan.FromSeconds(1));
        var numbers = new List<int>();
        while (numbers.Count < 5000)
        {
            var batch = probe.ExpectMsg<EnqueueBatch>();
            Assert.InRange(batch.Count, 1, 512);
            numbers.AddRange(batch.Messages.ToArray().Select(m => Publisher.NumberOf(m)));
            batch.Answer();
        }

        Assert.Equal(Enumerable.Range(0, 5000), numbers);
    }

    [Fact]
    public async Task Messages_that_expire_together_arrive_in_their_order()
    {
        var dead = await Queue("dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"), ("x-message-ttl", 1000));
        await Publish(queue, [.. Enumerable.Range(0, 100).Select(i => Publisher.Numbered(i))]);
        Pass(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++)
        {
            var letter = await Next(dead);
            Assert.Equal(i, Publisher.NumberOf(letter));
            Assert.Equal("expired", HeadersOf(letter)["x-last-death-reason"]);
        }
    }

    [Theory]
    [InlineData("drop-head", "0,1", "2,3")]
    [InlineData("reject-publish", "", "0,1")]
    [InlineData("reject-publish-dlx", "2,3", "0,1")]
    public async Task What_a_full_queue_does_with_messages_depends_on_its_overflow(string overflow, string dead, string stay)
    {
        await Queue("dead");
        var queue = await Queue(
            "q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"), ("x-max-length", 2), ("x-overflow", overflow));
        await Soon(_publisher.Publish(queue, 0, 1, 2, 3), "the confirm");
        Assert.Equal(stay, string.Join(",", await Drain("q")));
        Assert.Equal(dead, string.Join(",", await Drain("dead")));
    }

    [Fact]
    public async Task A_message_that_comes_back_too_often_is_dead_lettered()
    {
        var dead = await Queue("dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"), ("x-delivery-limit", 1));
        await Publish(queue, Publisher.Numbered(1));
        var holder = Holder(queue);
        for (var i = 0; i < 2; i++)
        {
            Settle(holder, (await Get(holder)).Number, Outcome.Requeue);
        }

        Assert.Equal("delivery_limit", HeadersOf(await Next(dead))["x-last-death-reason"]);
        Assert.Empty(await Drain("q"));
    }

    [Fact]
    public async Task Without_a_dead_letter_exchange_or_when_it_is_gone_they_are_dropped()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        var plain = await Queue("plain");
        var gone = await Queue("gone", ("x-dead-letter-exchange", "nowhere"));
        foreach (var queue in new[] { plain, gone })
        {
            await Publish(queue, InSlab(slab));
            var holder = Holder(queue);
            Settle(holder, (await Get(holder)).Number, Outcome.Discard);
            await Drain(queue.Name);
        }

        Assert.Equal(bias - 2, slab.References);
        slab.Retire();
    }

    [Fact]
    public async Task A_dead_letter_copies_its_bytes_and_the_original_is_released()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        var dead = await Queue("dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));
        await Publish(queue, InSlab(slab));
        var holder = Holder(queue);
        Settle(holder, (await Get(holder)).Number, Outcome.Discard);
        var letter = await Next(dead);
        Assert.Null(letter.Owner);
        Assert.Equal(bias - 1, slab.References);
        slab.Retire();
    }

    [Fact]
    public async Task A_message_that_would_go_round_for_ever_is_dropped()
    {
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "q"), ("x-message-ttl", 100));
        await Publish(queue, Publisher.Numbered(1));
        Pass(TimeSpan.FromMilliseconds(100));
        await Declare("q", passive: true); // it has expired, and what it became would be under way
        Assert.Empty(await Drain("q"));
    }

    [Fact]
    public async Task A_message_that_a_consumer_rejects_goes_round_as_often_as_it_likes()
    {
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "q"));
        await Publish(queue, Publisher.Numbered(1));
        var holder = Holder(queue);
        for (var i = 1; i <= 3; i++)
        {
            Settle(holder, (await Found(holder)).Number, Outcome.Discard);
        }

        var death = (FieldTable)Assert.Single((IReadOnlyList<object?>)HeadersOf(await Next(queue))["x-death"]!)!;
        Assert.Equal(3L, death["count"]);
    }

    [Fact]
    public async Task A_retry_by_expiry_comes_back_to_its_work_queue()
    {
        // The common pattern: rejected work waits in a retry queue and comes back.
        var work = await Queue("work", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "retry"));
        await Queue("retry", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "work"), ("x-message-ttl", 5000));
        await Publish(work, Publisher.Numbered(1));
        var holder = Holder(work);
        for (var i = 1; i <= 4; i++)
        {
            Settle(holder, (await Found(holder)).Number, Outcome.Discard);
            await Found("retry");
            Pass(TimeSpan.FromSeconds(5));
        }

        var headers = HeadersOf(await Next(work));
        var deaths = ((IReadOnlyList<object?>)headers["x-death"]!).Cast<FieldTable>().Select(d => $"{d["queue"]} {d["reason"]} {d["count"]}");
        Assert.Equal(["retry expired 4", "work rejected 4"], deaths);
        Assert.Equal("work", headers["x-first-death-queue"]);
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_made_is_dropped_and_the_others_go_their_way()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        await Queue("dead");
        var queue = await Queue("q", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "dead"));
        var bad = Publisher.Malformed(2);
        bad.Flags = MessageFlags.None; // its properties are looked at only when it leaves
        bad.Buffer!.CopyTo(slab.Bytes, 0);
        (bad.Buffer, bad.Owner) = (slab.Bytes, slab);
        slab.Give();
        await Publish(queue, Publisher.Numbered(1), bad, Publisher.Numbered(3));
        var holder = Holder(queue);
        for (var i = 1; i <= 3; i++)
        {
            await Get(holder);
        }

        var settle = new QueueProtocol.Settle(holder.Queue);
        for (var i = 1; i <= 3; i++)
        {
            settle.Add(holder, i, Outcome.Discard);
        }

        queue.Actor.Tell(settle);
        await Drain("q");
        ExpectError("queue 'q' in vhost '/'");
        await Publish(queue, Publisher.Numbered(4));
        Settle(holder, (await Get(holder)).Number, Outcome.Discard);
        await Drain("q");
        var answer = await Drain("dead");
        Assert.Equal([1, 3, 4], answer);
        Assert.Equal(bias - 1, slab.References);
        slab.Retire();
    }

    private async Task Publish(QueueHandle queue, params Message[] messages) =>
        Assert.Empty(await Soon(_publisher.Put(queue, messages), "the confirm"));

    private ConsumerLink Holder(QueueHandle queue) => new(queue, _endpoint, "", false, false, 0, 0, getsOnly: true, null);

    private static void Settle(ConsumerLink holder, long number, Outcome outcome)
    {
        var settle = new QueueProtocol.Settle(holder.Queue);
        settle.Add(holder, number, outcome);
        holder.Queue.Actor.Tell(settle);
    }

    private static Task<QueueProtocol.GetResult> Get(ConsumerLink holder)
    {
        var reply = new Reply<QueueProtocol.GetResult>();
        holder.Queue.Actor.Tell(new QueueProtocol.Get(holder, reply));
        return Soon(reply.Task, "the answer to a get");
    }

    /// <summary>Dead letters come from another actor: asks until one is there.</summary>
    private static async Task<QueueProtocol.GetResult> Found(ConsumerLink holder)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            var got = await Get(holder);
            if (got.Found)
            {
                return got;
            }

            Assert.True(DateTime.UtcNow < until, $"waited for a message in {holder.Queue.Name}");
            await Task.Yield();
        }
    }

    /// <summary>Waits until a message is in the queue, and leaves it there.</summary>
    private async Task Found(string queue)
    {
        var until = DateTime.UtcNow + Patience;
        while ((await Declare(queue, passive: true)).Ready == 0)
        {
            Assert.True(DateTime.UtcNow < until, $"waited for a message in {queue}");
        }
    }

    private async Task<Message> Next(QueueHandle queue) =>
        (await Found(new ConsumerLink(queue, _endpoint, "", noAck: true, false, 0, 0, getsOnly: true, null))).Message;

    /// <summary>All that is in a queue, once everything that was told before is done.</summary>
    private async Task<int[]> Drain(string name)
    {
        var holder = new ConsumerLink(Host.FindQueue(name)!, _endpoint, "", noAck: true, false, 0, 0, getsOnly: true, null);
        var all = new List<int>();
        while (await Get(holder) is { Found: true } got)
        {
            all.Add(Publisher.NumberOf(got.Message));
        }

        return [.. all];
    }

    private static Message InSlab(Slab slab)
    {
        var message = Publisher.Numbered(1);
        message.Buffer!.CopyTo(slab.Bytes, 0);
        (message.Buffer, message.Owner) = (slab.Bytes, slab);
        slab.Give();
        return message;
    }

    private static FieldTable HeadersOf(Message message) => BasicProperties.Decode(message.Properties).Headers!;

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}
