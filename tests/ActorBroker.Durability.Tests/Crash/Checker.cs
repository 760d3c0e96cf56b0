namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// Says what a history of clients shows that must never happen, whenever the server was killed, stopped, or closed its connections.
/// </summary>
public sealed class Checker
{
    /// <summary>
    /// An acknowledgement has no answer. It counts as written when a message that was published this much later was
    /// confirmed in the same life, or when the server ended in good order.
    /// </summary>
    public static readonly TimeSpan AckIsWrittenAfter = TimeSpan.FromMilliseconds(500);

    private readonly History _history;
    private readonly CrashTopology _topology;
    private readonly Dictionary<int, TimeSpan> _aliveUntil;
    private readonly List<string> _violations = [];

    private Checker(History history, CrashTopology topology)
    {
        _history = history;
        _topology = topology;
        _aliveUntil = history.Published
            .Where(p => p.Confirmed == true)
            .GroupBy(p => p.Life)
            .ToDictionary(life => life.Key, life => life.Max(p => p.SentAt));
    }

    /// <summary>One line for each thing that is wrong; empty when all is well.</summary>
    public static IReadOnlyList<string> Violations(History history, CrashTopology topology)
    {
        var checker = new Checker(history, topology);
        var acked = topology.Queues.ToDictionary(q => q.Name, checker.CheckQueue);
        checker.CheckLosses(acked);
        return [.. history.Surprises, .. checker._violations];
    }

    /// <summary>The messages that were acknowledged at least once.</summary>
    private HashSet<MessageId> CheckQueue(CrashQueue queue)
    {
        var acked = new HashSet<MessageId>();
        var messages = new Dictionary<MessageId, MessageTrail>();
        var order = new OrderWatch();
        var left = new LeftBehind();
        foreach (var e in _history.StepsOf(queue.Name))
        {
            if (e.Step is Step.Delivered or Step.Redelivered)
            {
                messages.TryGetValue(e.Id, out var trail);
                CheckOrigin(queue, e);
                if (!queue.TakesDeadLetters)
                {
                    CheckDelivery(queue, e, trail);
                    CheckOrder(queue, e, trail, order);
                    CheckReturned(queue, e, left);
                }

                messages[e.Id] = new MessageTrail(true, e.Life, Step.Delivered, trail.WrittenIn);
                continue;
            }

            if (e.Step == Step.Unsure)
            {
                messages[e.Id] = new MessageTrail(true, e.Life, e.Step, null);
                continue;
            }

            if (e.Step == Step.Left)
            {
                left.Add(e.Life, e.Id);
            }

            var written = e.Step is not (Step.Requeued or Step.Left) && IsWritten(e) ? e.Life : messages[e.Id].WrittenIn;
            messages[e.Id] = new MessageTrail(true, e.Life, e.Step, written);
            if (e.Step == Step.Acked)
            {
                acked.Add(e.Id);
            }
        }

        return acked;
    }

    private void CheckOrigin(CrashQueue queue, QueueEvent e)
    {
        if (_history.Find(e.Id) is not { } publication)
        {
            Say(queue, e, "nobody has published it");
        }
        else if (!queue.TakesDeadLetters && !_topology.Routes[publication.Route].Queues.Contains(queue.Name))
        {
            Say(queue, e, $"it was published to {_topology.Routes[publication.Route]}");
        }
        else if (!publication.Persistent && IsForgotten(publication.Life, e.Life))
        {
            Say(queue, e, $"it is transient and was published in life {publication.Life}");
        }
    }

    private void CheckDelivery(CrashQueue queue, QueueEvent e, MessageTrail trail)
    {
        if (!trail.Seen)
        {
            return;
        }

        if (e.Step == Step.Delivered)
        {
            Say(queue, e, $"it was delivered before, in life {trail.Life}, and is not marked as redelivered");
        }

        if (trail.WrittenIn is { } life)
        {
            Say(queue, e, $"it returned although its settlement in life {life} had been written");
        }
        else if (trail.Life == e.Life && trail.Last is Step.Acked or Step.Rejected)
        {
            Say(queue, e, "it returned after its settlement, in the same life");
        }
        else if (trail.Life == e.Life && trail.Last == Step.Delivered && !_history.WasEnding(e.Life, e.At))
        {
            Say(queue, e, "it is at two consumers at once"); // while connections are closed in good order the next one may see it before
        }
    }

    /// <summary>
    /// What a consumer gets to see for the first time in a life comes in the order of its publisher, redelivered or
    /// not; requeued messages have their own times. And nothing older follows as new in a later life.
    /// </summary>
    private void CheckOrder(CrashQueue queue, QueueEvent e, MessageTrail trail, OrderWatch order)
    {
        if (trail.Seen && trail.Life == e.Life)
        {
            return;
        }

        if (e.Step == Step.Redelivered && !queue.SingleActive && _history.WasCut(queue.Name, e.Life))
        {
            return; // it may have been on its way to the one that was cut, while others got what is newer
        }

        if (order.Pass((queue.SingleActive ? 0 : e.Consumer, e.Life, e.Id.Publisher), e.Id.Number) is { } before)
        {
            Say(queue, e, $"it came to consumer {e.Consumer} after {e.Id.Publisher}:{before}");
        }

        if (e.Step == Step.Delivered && order.PassAsNew(e.Id, e.Life) is { } newer)
        {
            Say(queue, e, $"it came as new, after {e.Id.Publisher}:{newer} had come as new in an earlier life");
        }
    }

    /// <summary>What a single active consumer held when it left comes before all that is newer.</summary>
    private void CheckReturned(CrashQueue queue, QueueEvent e, LeftBehind left)
    {
        if (queue.SingleActive && left.Pass(e.Life, e.Id) is { } older)
        {
            Say(queue, e, $"it came before {e.Id.Publisher}:{older}, which the consumer before had left behind");
        }
    }

    private bool IsForgotten(int from, int until) =>
        Enumerable.Range(from, Math.Max(until - from, 0)).Any(life => _history.EndOf(life) != LifeEnd.Closed);

    private bool IsWritten(QueueEvent e) =>
        _history.EndOf(e.Life) == LifeEnd.StoppedAtRest
        || (_aliveUntil.TryGetValue(e.Life, out var until) && until - e.At > AckIsWrittenAfter);

    private void CheckLosses(Dictionary<string, HashSet<MessageId>> acked)
    {
        var forgotten = _history.LastForgotten;
        foreach (var publication in _history.Published.Where(p => p.Confirmed == true))
        {
            if (!publication.Persistent && publication.Life <= forgotten)
            {
                continue;
            }

            foreach (var name in _topology.Routes[publication.Route].Queues)
            {
                var dead = _topology.Queues.First(q => q.Name == name).DeadLetters;
                if (!acked[name].Contains(publication.Id) && (dead is null || !acked[dead].Contains(publication.Id)))
                {
                    _violations.Add($"{name}: {publication.Id}, confirmed in life {publication.Life}, is lost");
                }
            }
        }
    }

    private void Say(CrashQueue queue, QueueEvent e, string what) =>
        _violations.Add($"{queue.Name}: {e.Id}, {e.Step} in life {e.Life} at {e.At.TotalSeconds:f3} s: {what}");

    /// <summary>What is known of a message in a queue so far.</summary>
    /// <param name="WrittenIn">The life in which a settlement of it was surely written; null when in none.</param>
    private readonly record struct MessageTrail(bool Seen, int Life, Step Last, int? WrittenIn);
}
