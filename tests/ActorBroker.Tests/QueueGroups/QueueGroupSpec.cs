using ActorBroker.Amqp;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Stores;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>Durable queues of a running broker: what publishers, consumers and getters see of the log.</summary>
public sealed class QueueGroupSpec : StoredBrokerSpec
{
    private const string Small = "actor-broker.memory.queue = 64KiB";
    private const string NoGrace = "actor-broker.store.settle-grace = 0s";

    [Fact]
    public async Task A_confirm_comes_after_the_commit()
    {
        var queue = await Declare();
        var held = Store.HoldWrites();
        var answer = Publish(queue, 1, 2);
        await held;
        Assert.Equal(2, (await Counts(queue)).Ready);
        Assert.False(answer.IsCompleted);
        Store.Release();
        Assert.Empty(await answer);
        Assert.Equal(2, (await ReadLog()).Find(queue.Definition.Uid)!.Count);
    }

    [Fact]
    public async Task A_failed_write_is_made_again_and_its_messages_are_there_once()
    {
        var faults = new Faults();
        await Restart(clean: true, more: faults.Observers);
        var queue = await Declare();
        faults.FailCommands("INSERT INTO", times: 2);
        var first = Publish(queue, 1, 2);
        var second = Publish(queue, 3);
        Assert.Empty(await first);
        Assert.Empty(await second);
        Assert.Equal(2, faults.Thrown);
        faults.LoseAnswers(times: 1);
        Assert.Empty(await Publish(queue, 4));
        await Restart(clean: false);

        Assert.Equal(4, (await Counts(Queue())).Ready);
        Assert.Equal(["1", "2", "3", "4"], await Consume(Queue()).DeliveriesOnceSubscribed(4));
        Assert.False(Broker.Alarms.IsOn);
    }

    [Fact]
    public async Task What_is_acked_in_its_grace_is_confirmed_and_never_written()
    {
        await Restart(clean: true, settings: "actor-broker.store.settle-grace = 1s");
        var queue = await Declare();
        var consumer = Consume(queue);
        await consumer.Subscribed();
        await LogUntil(index => index.Find(queue.Definition.Uid)?.MarkedUpTo > 0, "the mark to be written");
        var writes = Store.Inserts;
        var answer = Publish(queue, 1);
        Assert.Equal("1", await consumer.Delivery());
        Assert.False(answer.IsCompleted);
        consumer.Settle(Outcome.Ack, 1, 1);
        Assert.Empty(await answer);
        Assert.Equal(writes, Store.Inserts);
    }

    [Fact]
    public async Task Nobody_gets_a_message_before_the_log_says_that_messages_are_handed_out()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2);
        var held = Store.HoldWrites();
        var consumer = Consume(queue);
        await consumer.Subscribed();
        var get = new StoredConsumer(Broker.System, queue, 0, noAck: false, getsOnly: true).Get();
        await held;
        await Publish(queue).WaitAsync(Patience); // the queue has seen the others, which wait
        Assert.Empty(consumer.DeliveredSoFar());
        Assert.False(get.IsCompleted);
        Store.Release();
        Assert.Equal(1, Publisher.NumberOf((await get).Message));
        Assert.Equal("2", await consumer.Delivery());
    }

    [Fact]
    public async Task While_the_store_stands_still_a_queue_that_nobody_consumed_is_looked_at_and_purged()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2, 3);
        var held = Store.HoldWrites();
        var consumer = Consume(queue);
        await held;
        await consumer.Subscribed();
        Assert.Equal((3, 1), (await Counts(queue) is var c ? (c.Ready, c.Consumers) : default));
        Assert.Equal(3, await Purge(queue));
        Assert.Equal(0, (await Counts(queue)).Ready);
        Store.Release();
    }

    [Fact]
    public async Task A_queue_that_is_mostly_in_the_log_is_got_and_consumed_in_order()
    {
        await Restart(clean: true, settings: Small);
        var queue = await Declare();
        await Fill(queue, 200);
        var getter = new StoredConsumer(Broker.System, queue, 0, noAck: true, getsOnly: true);
        for (var i = 1; i <= 100; i++)
        {
            var got = await getter.Get();
            Assert.True(got.Found, $"{i} was not found");
            Assert.Equal((i, 200 - i), (Publisher.NumberOf(got.Message), got.Left));
        }

        Assert.Equal(Enumerable.Range(101, 100).Select(i => $"{i}"), await Consume(queue).DeliveriesOnceSubscribed(100));
        Assert.False((await getter.Get()).Found);
    }

    [Fact]
    public async Task A_purge_while_messages_are_read_back_removes_them_too()
    {
        await Restart(clean: true, settings: Small);
        var queue = await Declare();
        await Fill(queue, 200);
        var held = Store.HoldReads();
        var consumer = Consume(queue);
        await consumer.Subscribed();
        await held;
        var counts = await Counts(queue);
        Assert.InRange(counts.Unacked, 1, 199);
        Assert.Equal(200 - counts.Unacked, await Purge(queue));
        await Store.HoldWrites(); // the read goes on, and the log does not know of the purge yet
        Store.Release();
        Assert.Empty(await Publish(queue, 1001, 1002));
        var delivered = await consumer.Deliveries(counts.Unacked + 2);
        Assert.Equal([.. Enumerable.Range(1, counts.Unacked).Select(i => $"{i}"), "1001", "1002"], delivered);
        Assert.Equal((0, counts.Unacked + 2), ((await Counts(queue)).Ready, (await Counts(queue)).Unacked));
        consumer.Gone();
        await Restart(clean: true);

        Assert.Equal(counts.Unacked + 2, (await Counts(Queue())).Ready);
    }

    [Fact]
    public async Task Messages_that_are_missing_in_the_log_are_looked_for_now_and_then()
    {
        await Restart(clean: true, settings: Small);
        var queue = await Declare();
        await Fill(queue, 200);
        HideOldEvents();
        var reads = Store.Reads;
        var consumer = Consume(queue, noAck: true);
        await consumer.Subscribed();
        var other = await Declare("other");
        for (var i = 0; i < 60; i++)
        {
            await Publish(other, i); // the group goes on meanwhile
        }

        Assert.InRange(Store.Reads - reads, 0, 12);
        HideOldEvents(back: true);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => $"{i}"), await consumer.Deliveries(200));
    }

    [Fact]
    public async Task A_get_that_waits_for_a_read_is_refused_when_its_queue_is_deleted()
    {
        await Restart(clean: true, settings: Small);
        var queue = await Declare();
        await Fill(queue, 200);
        var getter = new StoredConsumer(Broker.System, queue, 0, noAck: true, getsOnly: true);
        await getter.Get();
        var held = Store.HoldReads();
        var gets = Enumerable.Range(0, 150).Select(_ => getter.Get()).ToArray();
        await held;
        var deleted = Ask(new TopologyProtocol.DeleteQueue("/", 1, "q", false, false));
        await Assert.ThrowsAsync<ChannelException>(() => gets[^1]);
        Store.Release();
        Assert.Equal(199 - gets.Count(g => g.IsCompletedSuccessfully), await deleted);
    }

    [Fact]
    public async Task After_a_crash_what_may_have_been_handed_out_is_marked()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2);
        await Publish(await Declare("untouched"), 1);
        var consumer = Consume(queue, prefetch: 1);
        await consumer.Subscribed();
        Assert.Equal("1", await consumer.Delivery());
        await Restart(clean: false);

        await Publish(Queue(), 3);
        Assert.Equal(["1 again", "2", "3"], await Consume(Queue()).DeliveriesOnceSubscribed(3));
        Assert.Equal(["1"], await Consume(Queue("untouched")).DeliveriesOnceSubscribed(1));
    }

    [Fact]
    public async Task After_a_crash_what_was_got_is_marked_and_what_never_left_is_not()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2, 3, 4);
        var getter = new StoredConsumer(Broker.System, queue, 0, noAck: false, getsOnly: true);
        await getter.Get();
        await getter.Get();
        await Restart(clean: false);

        Assert.Equal(["1 again", "2 again", "3", "4"], await Consume(Queue()).DeliveriesOnceSubscribed(4));
    }

    [Fact]
    public async Task After_a_crash_what_came_when_the_consumers_had_left_is_not_marked()
    {
        var queue = await Declare();
        var consumer = Consume(queue);
        await consumer.Subscribed();
        await Publish(queue, 1, 2);
        await consumer.Deliveries(2);
        consumer.Gone();
        await LogUntil(index => index.Find(queue.Definition.Uid)?.MarkedUpTo == 2, "the mark to be taken back");
        await Publish(queue, 3);
        await Restart(clean: false);

        Assert.Equal(["1 again", "2 again", "3"], await Consume(Queue()).DeliveriesOnceSubscribed(3));
    }

    [Fact]
    public async Task Numbers_that_are_given_again_after_a_crash_are_not_marked_by_the_life_before()
    {
        await Restart(clean: true, settings: "actor-broker.store.settle-grace = 1s");
        var consumer = Consume(await Declare());
        await consumer.Subscribed();
        foreach (var number in Enumerable.Range(1, 5))
        {
            var answer = Publish(Queue(), number);
            await consumer.Delivery();
            consumer.Settle(Outcome.Ack, number, number); // none is ever written
            await answer;
        }

        await Restart(clean: false);
        await Publish(Queue(), 6, 7);
        await LogUntil(index => index.Find(Queue().Definition.Uid)?.MarkedUpTo == 0, "the mark of unwritten messages to be taken back");
        await Restart(clean: false);
        Assert.Equal(["6", "7"], await Consume(Queue()).DeliveriesOnceSubscribed(2));
    }

    [Fact]
    public async Task After_an_orderly_stop_only_what_came_back_is_marked()
    {
        var queue = await Declare();
        await Publish(queue, 1, 2, 3);
        var consumer = Consume(queue, prefetch: 2);
        await consumer.Subscribed();
        Assert.Equal(["1", "2"], await consumer.Deliveries(2));
        consumer.Settle(Outcome.Ack, 1, 1);
        Assert.Equal("3", await consumer.Delivery());
        consumer.Settle(Outcome.Ack, 3, 3);
        consumer.Gone();
        await Publish(queue, 4);
        await Restart(clean: true);

        Assert.Equal(["2 again", "4"], await Consume(Queue()).DeliveriesOnceSubscribed(2));
    }

    [Fact]
    public async Task A_mark_outlives_an_orderly_stop_while_what_it_speaks_of_waits()
    {
        await Publish(await Declare(), 1);
        await Consume(Queue()).DeliveriesOnceSubscribed(1);
        await Restart(clean: false);
        await Restart(clean: true);

        Assert.Equal(["1 again"], await Consume(Queue()).DeliveriesOnceSubscribed(1));
    }

    [Fact]
    public async Task Messages_of_queues_that_are_gone_are_removed_at_the_next_start()
    {
        var faults = new Faults();
        await Restart(clean: true, more: faults.Observers);
        var uid = (await Declare()).Definition.Uid;
        await Publish(Queue(), 1, 2, 3);
        await Publish(await Declare("stays"), 1);
        await Ask(new TopologyProtocol.DeleteQueue("/", 1, "q", false, false));
        faults.FailCommands("INSERT INTO", times: int.MaxValue); // the group does not get to it
        await Kill();
        Assert.Equal(3, (await ReadLogAtRest()).Find(uid)!.Count);
        await Start();
        await LogUntil(index => index.Find(uid) is null, "the orphan to be removed");
        Assert.Equal(1, (await ReadLog()).Find(Queue("stays").Definition.Uid)!.Count);
    }

    [Fact]
    public async Task Messages_of_a_deleted_queue_leave_the_log()
    {
        var uid = (await Declare()).Definition.Uid;
        await Publish(Queue(), 1, 2, 3);
        Assert.Equal(3, await Ask(new TopologyProtocol.DeleteQueue("/", 1, "q", false, false)));
        await LogUntil(index => index.Find(uid) is null, "the queue to be removed");
        await Publish(await Declare(), 4);
        await Restart(clean: false);

        Assert.Equal(["4"], await Consume(Queue()).DeliveriesOnceSubscribed(1));
    }

    [Fact]
    public async Task A_transaction_with_acks_is_answered_when_they_are_written()
    {
        await Restart(clean: true, settings: NoGrace);
        var queue = await Declare();
        await Publish(queue, 1, 2);
        var consumer = Consume(queue);
        await consumer.Subscribed();
        await consumer.Deliveries(2);
        var held = Store.HoldWrites();
        var commit = new Confirm();
        consumer.Settle(Outcome.Ack, 1, 1, commit);
        commit.Done();
        await held;
        Assert.Equal(1, (await Counts(queue)).Unacked);
        Assert.False(commit.IsComplete);
        Store.Release();
        Assert.Empty(await commit.Answer.WaitAsync(Patience));
        Assert.False(commit.HasFailed);
        Assert.Equal(1, (await ReadLog()).Find(queue.Definition.Uid)!.Count);
    }

    private Task LogUntil(Func<Core.Journal.LogIndex, bool> condition, string what) =>
        LogOwner.Until(() => condition(ReadLog().GetAwaiter().GetResult()), what);
}
