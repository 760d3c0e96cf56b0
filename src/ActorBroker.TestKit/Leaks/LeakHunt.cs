using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Core.Exchanges;
using ActorBroker.TestKit.Scenarios;

namespace ActorBroker.TestKit.Leaks;

/// <summary>Looks at a broker at the end of a test, and names what is left.</summary>
internal static class LeakHunt
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2); // real time, for a client that is just leaving
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static async Task<List<string>> Run(TestBroker broker, LeakKinds kinds, TimeSpan? patience = null)
    {
        var leaks = new List<string>();
        if (broker.IsRunning)
        {
            await Connections(broker, kinds, patience ?? Patience, leaks).ConfigureAwait(false);
            await broker.Clock.AtRestAsync().ConfigureAwait(false);
            foreach (var host in (kinds & (LeakKinds.Unacked | LeakKinds.DeadLetteredMessages)) != 0 ? broker.Running.VirtualHosts : [])
            {
                await Queues(host, kinds, leaks).ConfigureAwait(false);
            }
        }

        if (kinds.HasFlag(LeakKinds.BlockedPublishers))
        {
            leaks.AddRange(broker.Publishing.Select(p => $"a publish that was never confirmed: {p}"));
            if (broker is { IsRunning: true, Running.Alarms.IsOn: true })
            {
                leaks.Add($"publishers are blocked: {broker.Running.Alarms.Reason}");
            }
        }

        if (kinds.HasFlag(LeakKinds.ActorDeadLetters))
        {
            leaks.AddRange(broker.Diary.Lost.Select(l => $"a dead letter among actors: {l}"));
        }

        if (kinds.HasFlag(LeakKinds.Faults))
        {
            leaks.AddRange(broker.Diary.Failures.Select(f => $"an actor that failed: {f}"));
            leaks.AddRange(broker.Diary.Faults.Select(f => $"an error of the broker: {f}"));
        }

        return leaks;
    }

    private static async Task Connections(TestBroker broker, LeakKinds kinds, TimeSpan patience, List<string> leaks)
    {
        if (!kinds.HasFlag(LeakKinds.Connections))
        {
            return;
        }

        for (var waited = TimeSpan.Zero; waited < patience && broker.OpenConnections.Count > 0; waited += Pause)
        {
            await Task.Delay(Pause, TimeProvider.System).ConfigureAwait(false);
        }

        leaks.AddRange(broker.OpenConnections.Select(c => $"an open socket: {c}"));
    }

    private static async Task Queues(VirtualHost host, LeakKinds kinds, List<string> leaks)
    {
        var fed = kinds.HasFlag(LeakKinds.DeadLetteredMessages) ? FedByDeadLetters(host) : [];
        foreach (var queue in host.Queues.OrderBy(q => q.Name, StringComparer.Ordinal))
        {
            var seen = await TestQueue.Survey(queue).ConfigureAwait(false);
            if (kinds.HasFlag(LeakKinds.Unacked) && seen.Unacked > 0)
            {
                leaks.Add($"{seen.Unacked} unacked in {queue.Description}, held by {Holders(seen)}");
            }

            if (fed.Contains(queue) && seen.Ready > 0)
            {
                leaks.Add($"{seen.Ready} dead-lettered in {queue.Description}");
            }
        }
    }

    private static string Holders(QueueProtocol.SurveyResult seen)
    {
        var holders = seen.Consumers.Where(c => c.Unacked > 0).Select(c => $"consumer '{c.Tag}' ({c.Unacked})").ToList();
        var others = seen.Unacked - seen.Consumers.Sum(c => c.Unacked);
        if (others > 0)
        {
            holders.Add($"basic.get or a cancelled consumer ({others})");
        }

        return string.Join(", ", holders);
    }

    /// <summary>Where the dead letters of some queue go.</summary>
    private static HashSet<QueueHandle> FedByDeadLetters(VirtualHost host)
    {
        var fed = new HashSet<QueueHandle>();
        var routes = new RouteResult();
        foreach (var queue in host.Queues)
        {
            var arguments = queue.Definition.Arguments;
            if (arguments.DeadLetterExchange is { } name && host.FindExchange(name) is { } exchange)
            {
                var key = Encoding.UTF8.GetBytes(arguments.DeadLetterRoutingKey ?? queue.Name);
                Router.Route(exchange, new RoutingInput(key, default, default), host, routes);
                foreach (var target in routes.Queues)
                {
                    fed.Add((QueueHandle)target);
                }
            }
        }

        return fed;
    }
}
