using ActorBroker.Amqp;
using ActorBroker.Core.Topology;
using CsCheck;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

public sealed class TopologyLawsSpec
{
    private static readonly string[] ExchangeNames = ["a", "b", "amq.direct"];
    private static readonly string[] QueueNames = ["p", "q"];

    [Fact]
    public void Law_a_restart_knows_what_was_durable_and_nothing_else() =>
        History.Sample(steps =>
        {
            var bench = Run(steps);
            var recovered = new TopologyState();
            foreach (var e in bench.Happened.Where(e => e.Journaled))
            {
                recovered.Apply(e);
            }

            Assert.Equal(
                bench.State.Exchanges("/").Where(e => e.Durable).Select(e => e.Name).Order(),
                recovered.Exchanges("/").Select(e => e.Name).Order());
            Assert.Equal(
                bench.State.Queues("/").Where(q => q.Durable).Select(q => (q.Name, q.Uid)).Order(),
                recovered.Queues("/").Select(q => (q.Name, q.Uid)).Order());
            Assert.Equal(
                Bindings(bench.State).Where(b => b.Durable).Select(Text).Order(),
                Bindings(recovered).Select(Text).Order());
        });

    [Fact]
    public void Law_every_binding_is_known_at_both_of_its_ends() =>
        History.Sample(steps =>
        {
            var state = Run(steps).State;
            var incoming = state.Queues("/").SelectMany(q => state.BindingsTo("/", DestinationKind.Queue, q.Name))
                .Concat(state.Exchanges("/").SelectMany(e => state.BindingsTo("/", DestinationKind.Exchange, e.Name)));
            Assert.Equal(Bindings(state).Select(Text).Order(), incoming.Select(Text).Order());
        });

    [Fact]
    public void Law_events_bind_and_unbind_each_binding_in_turn() =>
        History.Sample(steps =>
        {
            var bound = new HashSet<BindingDefinition>();
            foreach (var e in Run(steps).Happened)
            {
                switch (e)
                {
                    case TopologyEvents.Bound b:
                        Assert.True(bound.Add(b.Binding));
                        break;
                    case TopologyEvents.Unbound b:
                        Assert.True(bound.Remove(b.Binding));
                        break;
                    case TopologyEvents.QueueDeleted q:
                        Assert.DoesNotContain(
                            bound, b => b.Kind == DestinationKind.Queue && b.Destination == q.Queue.Name);
                        break;
                    case TopologyEvents.ExchangeDeleted x:
                        Assert.DoesNotContain(
                            bound,
                            b => b.Source == x.Exchange.Name
                                || (b.Kind == DestinationKind.Exchange && b.Destination == x.Exchange.Name));
                        break;
                }
            }
        });

    [Fact]
    public void A_hundred_thousand_queues_with_bindings_come_and_go()
    {
        var bench = new TopologyBench();
        const int count = 100_000;
        for (var i = 0; i < count; i++)
        {
            bench.Queue($"q{i}", exclusive: true);
            bench.Bind("amq.direct", $"q{i}", $"k{i}");
        }

        Assert.Equal(count, bench.State.BindingsFrom("/", "amq.direct").Count);
        for (var i = 0; i < count / 2; i++)
        {
            Assert.Equal(2, bench.Do(bench.State.DecideQueueDelete("/", $"q{i}", Me)).Count);
        }

        Assert.Equal(count, bench.Do(bench.State.DecideConnectionLost(Me)).Count);
        Assert.Empty(bench.State.BindingsFrom("/", "amq.direct"));
        Assert.Empty(bench.State.Queues("/"));
    }

    [Fact]
    public void Removing_a_virtual_host_removes_all_that_is_in_it()
    {
        var bench = new TopologyBench();
        bench.Queue("q");
        bench.Queue("x", exclusive: true);
        bench.Bind("amq.direct", "q");

        var decision = bench.Do(bench.State.DecideVirtualHostRemove("/"));
        Assert.Equal(2, decision.OfType<TopologyEvents.QueueDeleted>().Count());
        Assert.False(bench.State.HasVirtualHost("/"));
        Assert.Empty(bench.State.DecideConnectionLost(Me));
        Assert.Empty(bench.State.DecideVirtualHostRemove("/"));
        Assert.Throws<ConnectionException>(() => bench.Queue("q"));
    }

    private static Gen<List<(int, int, int, bool)>> History =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool).List[0, 150];

    private static TopologyBench Run(List<(int, int, int, bool)> steps)
    {
        var bench = new TopologyBench();
        foreach (var (what, x, y, flag) in steps)
        {
            var (exchange, other, queue) = (ExchangeNames[x], ExchangeNames[y], QueueNames[y % 2]);
            try
            {
                _ = what switch
                {
                    0 => bench.Exchange(exchange, durable: y > 0),
                    1 => bench.Exchange(exchange, durable: y > 0, autoDelete: true),
                    2 => bench.Queue(queue, durable: x > 0, exclusive: flag && y == 2),
                    3 or 4 or 5 => bench.Bind(exchange, queue, flag ? "k" : "", arguments: ("a", 1)),
                    6 => bench.BindExchange(exchange, other),
                    7 or 8 => bench.Unbind(exchange, queue, flag ? "k" : "", arguments: ("a", 1)),
                    9 => bench.UnbindExchange(exchange, other),
                    10 => bench.Do(bench.State.DecideQueueDelete("/", queue, Me)),
                    11 => bench.Do(bench.State.DecideExchangeDelete("/", exchange, flag)),
                    _ => bench.Do(bench.State.DecideConnectionLost(Me)),
                };
            }
            catch (ChannelException)
            {
                // Refused: nothing has changed.
            }
        }

        return bench;
    }

    private static IEnumerable<BindingDefinition> Bindings(TopologyState state) =>
        state.Exchanges("/").SelectMany(e => state.BindingsFrom("/", e.Name));

    private static string Text(BindingDefinition b) =>
        $"{b.Source} {b.Kind} {b.Destination} {b.BindingKey} {b.Arguments["a"]}";
}
