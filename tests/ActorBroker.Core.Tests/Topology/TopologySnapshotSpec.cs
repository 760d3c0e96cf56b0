using ActorBroker.Amqp;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using CsCheck;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>A state, written down at any moment and read back, is the same state for all that comes later.</summary>
public sealed class TopologySnapshotSpec
{
    private static readonly byte[] Salt = [1, 2, 3, 4];
    private static readonly ConfiguredTopology Configured =
        new(["/"], [User.WithPlainPassword("guest", "guest", ["administrator"], new Dictionary<string, Permissions> { ["/"] = Permissions.All })]);

    [Fact]
    public void Law_a_snapshot_and_the_events_after_it_give_the_state_again() =>
        Gen.Select(Gen.Select(Gen.Int[0, 13], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool).List[0, 100], Gen.Int[0, 100]).Sample((steps, at) =>
        {
            var state = new TopologyState(configured: Configured);
            var journal = new List<ITopologyEvent>();
            byte[]? snapshot = null;
            var covered = 0;
            Do(new TopologyEvents.StoreCreated(5));
            for (var i = 0; i < steps.Count; i++)
            {
                if (i == at)
                {
                    (snapshot, covered) = (TopologyCodec.EncodeSnapshot(state.JournaledFacts()), journal.Count);
                }

                try
                {
                    Do([.. Decide(state, steps[i])]);
                }
                catch (Exception e) when (e is AmqpException or RefusedException)
                {
                    // Refused: nothing has changed.
                }
            }

            var recovered = new TopologyState(configured: Configured);
            IReadOnlyList<ITopologyEvent> known = snapshot is null ? [] : TopologyCodec.DecodeSnapshot(snapshot);
            foreach (var e in known.Concat(journal.Skip(covered).Select(e => TopologyCodec.Decode(TopologyCodec.Encode(e)))))
            {
                recovered.Apply(e);
            }

            Assert.Equal(Describe(state), Describe(recovered));
            Assert.Equal(5, recovered.QueueGroups);
            Assert.Equal(Users(state), Users(recovered));
            Assert.True(recovered.HighestUid >= journal.OfType<TopologyEvents.QueueDeclared>().Select(q => q.Queue.Uid).DefaultIfEmpty().Max());

            void Do(params ITopologyEvent[] events)
            {
                foreach (var e in events)
                {
                    state.Apply(e);
                    if (e.Journaled)
                    {
                        journal.Add(e);
                    }
                }
            }
        });

    [Fact]
    public void The_uid_of_a_deleted_queue_is_never_given_again_after_a_snapshot()
    {
        var bench = new TopologyBench();
        bench.Queue("a", durable: true);
        bench.Queue("b", durable: true);
        bench.Do(bench.State.DecideQueueDelete("/", "b", TopologyBench.Me));
        var recovered = new TopologyState();
        foreach (var fact in TopologyCodec.DecodeSnapshot(TopologyCodec.EncodeSnapshot(bench.State.JournaledFacts())))
        {
            recovered.Apply(fact);
        }

        Assert.Equal(2, recovered.HighestUid);
        Assert.Equal(["a"], recovered.Queues("/").Select(q => q.Name));
    }

    [Fact]
    public void Predeclared_exchanges_are_not_journaled_and_come_with_the_virtual_host_of_whatever_version()
    {
        var bench = new TopologyBench();
        bench.Queue("q", durable: true);
        bench.Bind("amq.topic", "q", "a");
        ITopologyEvent[] journaled = [.. bench.Happened.Where(e => e.Journaled)];
        Assert.Equal(3, journaled.Length); // vhost, queue, binding

        var recovered = new TopologyState();
        Array.ForEach(journaled, recovered.Apply);
        Assert.Equal(bench.State.Exchanges("/").Select(e => e.Name).Order(), recovered.Exchanges("/").Select(e => e.Name).Order());
        Assert.Single(recovered.BindingsFrom("/", "amq.topic"));
        Assert.Equal(7, recovered.FactsOf("/").Count(f => f is TopologyEvents.ExchangeDeclared { Implied: true }));
    }

    private static IReadOnlyList<ITopologyEvent> Decide(TopologyState state, (int What, int X, int Y, bool Flag) step)
    {
        var (what, x, y, flag) = step;
        var host = flag ? "/" : "other";
        var (name, queue, user) = ($"e{x}", $"q{y}", y == 0 ? "guest" : $"u{y}");
        return what switch
        {
            0 => state.DecideVirtualHostAdd(host),
            1 when x == 0 => state.DecideVirtualHostRemove(host),
            1 or 2 => state.DecideExchangeDeclare(new ExchangeDeclaration(host, name, "topic", y > 0, y > 1, false, TopologyBench.Table())),
            3 => state.DecideExchangeDelete(host, name, false),
            4 or 5 => state.DecideQueueDeclare(new QueueDeclaration(host, queue, x > 0, false, x > 1, TopologyBench.Table()), state.HighestUid + 1, 1),
            6 => state.DecideQueueDelete(host, queue, 1),
            7 or 8 => state.DecideBind(new BindingRequest(host, name, DestinationKind.Queue, queue, "k", TopologyBench.Table()), 1),
            9 => state.DecideBind(new BindingRequest(host, name, DestinationKind.Exchange, "amq.fanout", "k", TopologyBench.Table()), 1),
            10 => state.DecideUnbind(new BindingRequest(host, name, DestinationKind.Queue, queue, "k", TopologyBench.Table()), 1),
            11 => state.DecideUserPut(user, flag ? PasswordHash.Create("p", Salt) : null, x == 0 ? null : [$"tag{x}"], UserPutMode.CreateOrChange, Salt),
            12 when x == 0 => state.DecideUserRemove(user),
            12 => state.DecidePermissionsClear(user, host, Salt),
            _ => state.DecidePermissionsSet(user, host, ".*", $"^{x}", "", Salt),
        };
    }

    private static IEnumerable<string> Describe(TopologyState state) =>
        state.JournaledFacts().Where(f => f is not TopologyEvents.UidsUsed).Select(TopologyCodecSpec.Describe).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Users(TopologyState state) => state.Users.Values.Select(TopologyCodecSpec.Describe).Order(StringComparer.Ordinal);
}
