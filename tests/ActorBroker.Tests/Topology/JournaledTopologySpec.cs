using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Topology;
using ActorBroker.Journal;
using ActorBroker.Stores;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace ActorBroker.Tests.Topology;

/// <summary>A topology with a log that the test plays: nothing is told before it is committed.</summary>
public sealed class JournaledTopologySpec : BrokerSpec
{
    private static readonly LogPlaces Places = new("topology");
    private readonly TestProbe _log;
    private IActorRef _topology = ActorRefs.Nobody;
    private Task<bool> _started = Task.FromResult(false);
    private long _sequenceNr;

    public JournaledTopologySpec() => _log = CreateTestProbe("log");

    [Fact]
    public async Task The_first_start_writes_the_number_of_queue_groups_and_the_configured_vhosts_at_once()
    {
        Recover();
        var written = ExpectWrite();
        Assert.Equal([new TopologyEvents.StoreCreated(8), new TopologyEvents.VirtualHostAdded("/")], written);
        Assert.False(_started.IsCompleted);
        Written(written);
        await Soon(_started, "the topology to start");
        Assert.NotNull(Host.FindExchange("amq.direct"));
    }

    [Fact]
    public async Task Nothing_is_seen_before_it_is_committed()
    {
        await Ready();
        var declared = Tell(Queue("q", durable: true));
        var events = ExpectWrite();
        Assert.Equal("q", Assert.IsType<TopologyEvents.QueueDeclared>(Assert.Single(events)).Queue.Name);
        Assert.False(declared.IsCompleted);
        Assert.Null(Host.FindQueue("q"));

        Written(events);
        Assert.Equal("q", (await Soon(declared, "the answer after the commit")).Name);
        Assert.NotNull(Host.FindQueue("q"));
    }

    [Fact]
    public async Task What_comes_while_a_write_is_under_way_is_one_write()
    {
        await Ready();
        var first = Tell(Queue("first", durable: true));
        var events = ExpectWrite();
        Task[] others = [.. Enumerable.Range(0, 50).Select(i => Tell(Queue($"q{i}", durable: true))), Tell(Bind("amq.direct", "q7"))];
        await NothingFor(_log, Barrier());
        Assert.Null(Host.FindQueue("q0"));

        Written(events);
        await Soon(first, "the first declare");
        var group = ExpectWrite();
        Assert.Equal(51, group.Count);
        Assert.DoesNotContain(others, t => t.IsCompleted);
        Written(group);
        await Soon(Task.WhenAll(others), "the others");
        await NothingFor(_log, Barrier());
        Assert.Equal(51, Host.Queues.Count());
    }

    [Fact]
    public async Task What_has_to_do_with_something_not_committed_waits_for_it_and_nothing_else_does()
    {
        await Ready();
        var order = new List<string>();
        Task[] all =
        [
            Note("durable", Tell(Queue("q", durable: true))),
            Note("the same again", Tell(Queue("q", durable: true))),
            Note("passive", Tell(Queue("q", passive: true))),
            Note("inequivalent", Tell(Queue("q"))),
            Note("a binding to it", Tell(Bind("amq.direct", "q"))),
            Note("a binding of it that is not there", Tell(new TopologyProtocol.Unbind("/", Me, "amq.fanout", "q", ToQueue: true, "", Tables.Of()))),
        ];
        Task[] others =
        [
            Note("transient", Tell(Queue("t"))),
            Note("its binding", Tell(Bind("amq.fanout", "t"))),
            Note("missing", Tell(Queue("no", passive: true))),
            Note("nothing to delete", Tell(new TopologyProtocol.DeleteQueue("/", Me, "no", false, false))),
            Note("an exchange", Tell(new TopologyProtocol.DeclareExchange("/", Me, "amq.topic", "topic", true, false, false, false, Tables.Of()))),
        ];
        var users = Note("users", Tell(new TopologyProtocol.ListUsers()));
        var events = ExpectWrite();
        await NothingFor(_log, Barrier());
        await Soon(Task.WhenAll(others), "what has nothing to do with it");
        Assert.Equal(5, order.Count);
        Assert.NotNull(Host.FindQueue("t"));
        await Soon(Tell(new TopologyProtocol.DeleteQueue("/", Me, "t", false, false)), "the end of the transient queue");
        Assert.Null(Host.FindQueue("t"));

        Written(events);
        var binding = ExpectWrite();
        Written(binding);
        await Soon(Task.WhenAll([.. all, users]), "all answers");
        Assert.Equal(12, order.Count);
        Assert.Contains("inequivalent: PRECONDITION_FAILED - inequivalent arg 'durable'", string.Join('\n', order));
        Assert.Contains("missing: NOT_FOUND - no queue 'no' in vhost '/'", order);
        await NothingFor(_log, Barrier()); // none of these is an event for the log

        async Task Note(string name, Task answer)
        {
            try
            {
                await answer;
            }
            catch (AmqpException refusal)
            {
                name = $"{name}: {refusal.ReplyText}";
            }

            lock (order)
            {
                order.Add(name);
            }
        }
    }

    [Fact]
    public async Task Transient_and_exclusive_things_are_never_written()
    {
        await Ready();
        await Soon(Tell(Queue("t")), "a transient queue");
        await Soon(Tell(Queue("x", durable: true, exclusive: true)), "an exclusive queue");
        await Soon(Tell(Bind("amq.direct", "t")), "a binding");
        await Soon(Tell(new TopologyProtocol.ConnectionGone("/", Me)), "the end of its owner");
        await NothingFor(_log, Barrier());
        Assert.Equal(["t"], Host.Queues.Select(q => q.Name));
    }

    [Fact]
    public async Task A_deleted_queue_stays_on_the_tables_until_that_is_committed()
    {
        await Ready();
        var declared = Tell(Queue("q", durable: true));
        Written(ExpectWrite());
        await Soon(declared, "the declare");
        var deleted = Tell(new TopologyProtocol.DeleteQueue("/", Me, "q", false, false));
        var events = ExpectWrite();
        Assert.IsType<TopologyEvents.QueueDeleted>(Assert.Single(events));
        Assert.False(deleted.IsCompleted);
        Assert.NotNull(Host.FindQueue("q"));
        var again = Tell(Queue("q", durable: true)); // it is another queue
        Written(events);
        Assert.Equal(0, await Soon(deleted, "the delete"));
        var redeclared = ExpectWrite();
        Assert.Equal(2, Assert.IsType<TopologyEvents.QueueDeclared>(Assert.Single(redeclared)).Queue.Uid);
        Assert.Null(Host.FindQueue("q"));
        Written(redeclared);
        await Soon(again, "the second declare");
    }

    [Fact]
    public async Task A_thousand_events_make_a_snapshot_and_then_the_events_are_deleted()
    {
        await Ready(); // two events
        var first = Tell(Queue("q", durable: true));
        var events = ExpectWrite();
        Task[] others = [.. Enumerable.Range(0, 997).Select(i => Tell(Exchange($"e{i}")))];
        await Barrier();
        Written(events);
        events = ExpectWrite();
        var late = Tell(Exchange("late"));
        await Barrier();
        Written(events);
        await Soon(Task.WhenAll(others), "a thousand declares");
        var save = _log.ExpectMsg<LogProtocol.SaveSnapshot>();
        Assert.Equal(_sequenceNr, save.SequenceNr);
        Assert.Equal(TopologyCodec.SnapshotManifest, save.State.Manifest);
        var facts = TopologyCodec.DecodeSnapshot(save.State.Bytes);
        Assert.Equal(997, facts.Count(f => f is TopologyEvents.ExchangeDeclared)); // without the one that is written after it
        Assert.Contains(new TopologyEvents.UidsUsed(1), facts);
        Written(ExpectWrite());
        await Soon(late, "the late one");

        _topology.Tell(new LogProtocol.SnapshotSaved(save.SequenceNr));
        Assert.Equal(save.SequenceNr, _log.ExpectMsg<LogProtocol.Delete>().UpTo);
        _topology.Tell(new LogProtocol.Deleted(save.SequenceNr));
        await NothingFor(_log, Barrier());
    }

    [Fact]
    public async Task A_snapshot_and_the_events_after_it_are_shown_and_not_written_again()
    {
        var before = new TopologyState();
        Apply(before, [new TopologyEvents.StoreCreated(3), .. before.DecideVirtualHostAdd("/"), .. before.DecideVirtualHostAdd("old")]);
        Apply(before, before.DecideQueueDeclare(new QueueDeclaration("/", "q", true, false, false, Tables.Of()), 41, Me));
        var bind = before.DecideBind(new BindingRequest("/", "amq.direct", DestinationKind.Queue, "q", "k", Tables.Of()), Me);
        Start();
        _topology.Tell(LogProtocol.RecoveryStarted.Instance);
        _topology.Tell(new LogProtocol.Replayed(1, Stored(1, new TopologyEvents.VirtualHostAdded("forgotten"))));
        _topology.Tell(LogProtocol.RecoveryStarted.Instance); // the store failed meanwhile
        _topology.Tell(new LogProtocol.SnapshotOffered(7, new StoredEvent(TopologyCodec.SnapshotManifest, TopologyCodec.EncodeSnapshot(before.JournaledFacts()))));
        _topology.Tell(new LogProtocol.Replayed(8, Stored(8, bind[0])));
        var early = Tell(Queue("q", durable: true)); // before all is read
        EventFilter.Warning(contains: "the store was created with 3 queue groups and keeps them; the setting of 8 has no effect on it")
            .ExpectOne(() => _topology.Tell(new LogProtocol.Recovered(_sequenceNr = 8)));
        await Soon(_started, "the topology to start");

        Assert.Equal("q", (await Soon(early, "what was asked before the start")).Name);
        Assert.Equal(3, Broker.QueueGroups);
        Assert.Null(Broker.FindVirtualHost("forgotten"));
        Assert.NotNull(Broker.FindVirtualHost("old")!.FindExchange("amq.topic"));
        Assert.Equal(41, Host.FindQueue("q")!.Definition.Uid);
        await NothingFor(_log, Barrier());
        var next = Tell(Queue("next", durable: true));
        var written = ExpectWrite();
        Assert.Equal(42, Assert.IsType<TopologyEvents.QueueDeclared>(Assert.Single(written)).Queue.Uid);
        _sequenceNr = 8;
        Written(written);
        await Soon(next, "the next queue");
    }

    [Fact]
    public async Task When_another_process_writes_to_the_store_every_change_is_refused_and_says_why()
    {
        await Ready();
        var waiting = Tell(Queue("q", durable: true));
        ExpectWrite();
        var gathered = Tell(Exchange("e"));
        await Barrier();
        _topology.Tell(new LogProtocol.Fenced("another process uses this store"));
        ExpectError("CRITICAL");
        foreach (var change in new Task[] { waiting, gathered, Tell(Exchange("e2")), Tell(new TopologyProtocol.AddVirtualHost("v")) })
        {
            var refusal = await Assert.ThrowsAsync<ConnectionException>(() => Soon(change, "a refusal"));
            Assert.Equal(ReplyCode.InternalError, refusal.Code);
            Assert.Contains("the topology cannot be changed any more: another process uses this store", refusal.ReplyText);
        }

        Assert.Null(Host.FindQueue("q"));
        await Soon(Tell(new TopologyProtocol.ConnectionGone("/", Me)), "what needs no write");
        Assert.Equal(["/"], await Soon(Tell(new TopologyProtocol.ListVirtualHosts()), "a question"), StringComparer.Ordinal);
    }

    /// <summary>The topology still knows it, and the queue knows better: that must not go to and fro between them.</summary>
    [Fact]
    public async Task A_declare_of_a_queue_whose_end_can_never_be_written_is_refused()
    {
        await Ready();
        var declared = Tell(Queue("q", durable: true));
        Written(ExpectWrite());
        await Soon(declared, "the declare");
        _topology.Tell(new LogProtocol.Fenced("another process uses this store"));
        ExpectError("CRITICAL");
        var deleted = Tell(new TopologyProtocol.DeleteQueue("/", Me, "q", IfUnused: false, IfEmpty: false));
        await Assert.ThrowsAsync<ConnectionException>(() => Soon(deleted, "a refusal"));
        var refusal = await Assert.ThrowsAsync<ChannelException>(() => Soon(Tell(Queue("q", durable: true)), "an answer"));
        Assert.Equal(ReplyCode.NotFound, refusal.Code);
    }

    [Fact]
    public async Task A_log_that_a_newer_version_wrote_stops_the_start()
    {
        Start();
        _topology.Tell(LogProtocol.RecoveryStarted.Instance);
        _topology.Tell(new LogProtocol.Replayed(1, new StoredEvent("topology.event.4", [4, 99])));
        var error = await Assert.ThrowsAsync<IOException>(() => Soon(_started, "the start to fail"));
        Assert.Contains("holds 'topology.event.4', which this version of the broker does not know", error.Message);
        ExpectError("the topology could not be read");
    }

    [Fact]
    public async Task An_event_in_the_place_of_another_stops_the_start()
    {
        Start();
        _topology.Tell(LogProtocol.RecoveryStarted.Instance);
        _topology.Tell(new LogProtocol.Replayed(1, Stored(2, new TopologyEvents.VirtualHostAdded("other"))));
        var error = await Assert.ThrowsAsync<IOException>(() => Soon(_started, "the start to fail"));
        Assert.Contains("event 1 of the log of the topology cannot be used", error.Message);
        ExpectError("the topology could not be read");
    }

    private void Start()
    {
        var started = new Reply<bool>();
        var log = _log.Ref;
        _topology = Sys.ActorOf(TopologyActor.Props(Broker, started, _ => Props.Create(() => new Played(log))));
        _started = started.Task;
    }

    private void Recover()
    {
        Start();
        _topology.Tell(LogProtocol.RecoveryStarted.Instance);
        _topology.Tell(new LogProtocol.Recovered(0));
    }

    private async Task Ready()
    {
        Recover();
        Written(ExpectWrite());
        await Soon(_started, "the topology to start");
    }

    private List<ITopologyEvent> ExpectWrite() =>
        [.. _log.ExpectMsg<LogProtocol.Write>(Patience).Events.Select((e, i) => TopologyCodec.Decode(e.Bytes, place: Places[_sequenceNr + i + 1]))];

    private void Written(List<ITopologyEvent> events) => _topology.Tell(new LogProtocol.Written(_sequenceNr += events.Count));

    /// <summary>Answered at once whatever is not committed yet: the end of a connection that has nothing.</summary>
    private Task Barrier() => Tell(new TopologyProtocol.ConnectionGone("/", 99));

    private Task<T> Tell<T>(TopologyProtocol.Request<T> request)
    {
        _topology.Tell(request);
        return request.Reply.Task;
    }

    private static TopologyProtocol.DeclareQueue Queue(string name, bool durable = false, bool exclusive = false, bool passive = false) =>
        new("/", Me, name, passive, durable, exclusive, AutoDelete: false, Tables.Of());

    private static TopologyProtocol.DeclareExchange Exchange(string name) =>
        new("/", Me, name, "fanout", Passive: false, Durable: true, AutoDelete: false, Internal: false, Tables.Of());

    private static TopologyProtocol.Bind Bind(string exchange, string queue) => new("/", Me, exchange, queue, ToQueue: true, "k", Tables.Of());

    private static StoredEvent Stored(int number, ITopologyEvent e) => new(TopologyCodec.EventManifest, TopologyCodec.Encode(e, Places[number]));

    private static void Apply(TopologyState state, IEnumerable<ITopologyEvent> events)
    {
        foreach (var e in events)
        {
            state.Apply(e);
        }
    }

    /// <summary>The log: the test hears what it is told.</summary>
    private sealed class Played(IActorRef test) : UntypedActor
    {
        protected override void OnReceive(object message) => test.Forward(message);
    }
}
