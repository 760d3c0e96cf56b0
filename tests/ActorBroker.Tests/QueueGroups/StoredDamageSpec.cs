using ActorBroker.Core.Queues;
using ActorBroker.Tests.Stores;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A broker on a store in which a byte has changed: it is told, its messages are set aside, and the rest is served.</summary>
public sealed class StoredDamageSpec : StoredBrokerSpec
{
    private const string Said = "akka.loglevel = ERROR";

    [Fact]
    public async Task At_start_a_damaged_event_is_named_and_set_aside_and_the_rest_is_served()
    {
        var queue = await Declare();
        await Publish(queue, 1);
        await Publish(queue, 2, 3);
        await Publish(queue, 4);
        await Kill();
        Damage("log-0", 2, -20);
        await Start(Said);

        Assert.Equal(2, (await Counts(Queue())).Ready);
        Assert.Equal(["1 again", "4 again"], await Consume(Queue()).DeliveriesOnceSubscribed(2)); // who knows
        Assert.Contains("log-0: event 2 is damaged (its checksum is wrong). It was set aside in table set_aside", Assert.Single(Errors));
        Assert.Equal("its checksum is wrong", Run("SELECT problem FROM set_aside WHERE persistence_id = 'log-0' AND sequence_number = 2"));
        Assert.Equal(1L, Run("SELECT count(*) FROM set_aside s JOIN journal j USING (persistence_id, sequence_number) WHERE s.message = j.message"));
    }

    [Fact]
    public async Task A_later_start_does_not_meet_the_damage_again()
    {
        var queue = await Declare();
        await Publish(queue, 1);
        await Publish(queue, 2);
        await Kill();
        Damage("log-0", 1, 0);
        await Start(Said);
        await LogOwner.Until(() => Run("SELECT count(*) FROM snapshot WHERE persistence_id = 'log-0'") is 1L, "the snapshot");
        await Publish(Queue(), 3); // takes number 3: what was lost had 1
        Errors.Clear();
        await Restart(clean: false, settings: Said);

        Assert.Empty(Errors);
        Assert.Equal(["2 again", "3"], await Consume(Queue()).DeliveriesOnceSubscribed(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damage_that_is_found_when_a_queue_reads_its_messages_costs_these_only(bool damageAll)
    {
        await Restart(clean: true, settings: Said);
        var queue = await Declare();
        var other = await Declare("other");
        await Publish(queue, 1, 2);
        await Publish(queue, 3, 4);
        await Publish(queue, 5, 6);
        await Publish(other, 7);
        await Restart(clean: true, settings: Said); // nothing is in memory
        for (var nr = damageAll ? 1 : 2; nr <= (damageAll ? 3 : 2); nr++)
        {
            Damage("log-0", nr, 30);
        }

        var consumer = Consume(Queue());
        await consumer.Subscribed();
        if (!damageAll)
        {
            Assert.Equal(["1", "2", "5", "6"], await consumer.Deliveries(4));
            consumer.Settle(Outcome.Ack, 1, 4);
        }

        await Publish(Queue(), 8);
        Assert.Equal("8", await consumer.Delivery());
        Assert.Equal(0, (await Counts(Queue())).Ready);
        Assert.Equal(["7"], await Consume(Queue("other")).DeliveriesOnceSubscribed(1));
        Assert.Equal(damageAll ? 3 : 1, Errors.Count);
        Assert.Contains("log-0: event 2 is damaged", Errors.Single(e => e.Contains("event 2 ")));
        Assert.Contains("2 messages of queue 'q' in vhost '/' that it held, numbers 3 to 4, are not delivered", Errors.Single(e => e.Contains("event 2 ")));
        Assert.Equal(damageAll ? 3L : 1L, Run("SELECT count(*) FROM set_aside"));
        await Restart(clean: true, settings: Said);
        Assert.Equal(1, (await Counts(Queue())).Ready);
    }

    [Fact]
    public async Task Damage_is_counted_once_though_another_write_is_committed_before_it_is_settled()
    {
        await Restart(clean: true, settings: Said);
        var queue = await Declare();
        var other = await Declare("other");
        await Publish(queue, 1, 2);
        await Publish(queue, 3);
        await Publish(queue, 4);
        await Restart(clean: true, settings: Said);
        Damage("log-0", 1, 30);
        var held = Store.Hold("INSERT INTO", "set_aside");
        var consumer = Consume(Queue(), prefetch: 1);
        await held;
        var written = Publish(Queue("other"), 5); // waits behind the copy, and is under way when that is made
        Store.Release();
        await written;
        Assert.Equal("3", (await consumer.DeliveriesOnceSubscribed(1)).Single());
        Assert.Equal(1, (await Counts(Queue())).Ready);
        Assert.Single(Errors);
    }

    [Fact]
    public async Task A_damaged_event_of_the_topology_stops_the_start_unless_its_loss_is_accepted()
    {
        await Declare("before");
        await Declare("after");
        await Declare("lost");
        await Publish(Queue("lost"), 1);
        await Kill();
        var nr = (long)Run("SELECT sequence_number FROM journal WHERE persistence_id = 'topology' AND instr(message, 'lost') > 0")!;
        Damage("topology", nr, 6);
        var refusal = await Assert.ThrowsAsync<IOException>(() => Start());
        Assert.Contains($"event {nr} of the log of the topology cannot be used", refusal.Message);
        Assert.Contains("its checksum is wrong", refusal.Message);
        Assert.Contains("Restore a backup", refusal.Message);
        Assert.Contains("actor-broker.store.accept-data-loss = on", refusal.Message);

        await Start($"{Said}\nactor-broker.store.accept-data-loss = on");
        Assert.Contains($"event {nr} of the log of the topology was left out", Assert.Single(Errors));
        Assert.Equal(1L, Run("SELECT count(*) FROM set_aside WHERE persistence_id = 'topology'"));
        Assert.NotNull(Queue("before"));
        Assert.NotNull(Queue("after"));
        Assert.Null(Broker.FindVirtualHost("/")!.FindQueue("lost"));
        Assert.Equal(0, (await Counts(await Declare("new"))).Ready); // and not what "lost" had
        await LogOwner.Until(() => Run("SELECT count(*) FROM snapshot WHERE persistence_id = 'topology'") is 1L, "the snapshot");
        await Restart(clean: false);
        Assert.NotNull(Queue("new"));
    }
}
