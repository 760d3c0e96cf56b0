using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>All that the clients of a run have seen and done; written by all of them, read when they have ended.</summary>
public sealed class History
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<int, List<Publication>> _published = new();
    private readonly ConcurrentDictionary<string, List<QueueEvent>> _queues = new();
    private readonly ConcurrentDictionary<int, LifeEnd> _endings = new();
    private readonly ConcurrentDictionary<int, TimeSpan> _closings = new();
    private readonly ConcurrentDictionary<(string Queue, int Life), bool> _cuts = new();
    private readonly ConcurrentQueue<string> _surprises = new();
    private long _steps;

    /// <summary>Since the start of the run.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>Steps at consumers so far: a run that stands still shows here.</summary>
    public long Steps => Volatile.Read(ref _steps);

    public IEnumerable<Publication> Published => _published.Values.SelectMany(p => p);

    /// <summary>What no client should see: another body, a close without a reason, a refused publication.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    /// <summary>The last life whose transient messages did not have to survive its end; 0 when there is none.</summary>
    public int LastForgotten => _endings.Where(e => e.Value is LifeEnd.Killed or LifeEnd.StoppedAtWork).Select(e => e.Key).DefaultIfEmpty().Max();

    public void Surprise(string what) => _surprises.Enqueue(what);

    /// <summary>To be called before the message is handed to the socket. Numbers of a publisher ascend from 0.</summary>
    public Publication Publish(MessageId id, int route, bool persistent, int life) =>
        Publish(id, route, persistent, life, Now);

    /// <inheritdoc cref="Publish(MessageId, int, bool, int)" />
    public Publication Publish(MessageId id, int route, bool persistent, int life, TimeSpan at)
    {
        var publication = new Publication(id, route, persistent, life, at);
        var all = _published.GetOrAdd(id.Publisher, _ => []);
        if (all.Count != id.Number)
        {
            throw new ArgumentException($"message {id} is not the next one of its publisher", nameof(id));
        }

        all.Add(publication); // each publisher has its own list, and is one task
        return publication;
    }

    public void Note(string queue, Step step, MessageId id, int consumer, int life) =>
        Note(queue, step, id, consumer, life, Now);

    public void Note(string queue, Step step, MessageId id, int consumer, int life, TimeSpan at)
    {
        var events = _queues.GetOrAdd(queue, _ => []);
        lock (events)
        {
            events.Add(new QueueEvent(step, id, consumer, life, at));
        }

        Interlocked.Increment(ref _steps);
    }

    /// <summary>
    /// To be called before a consumer of the queue cuts its connection: what was on its way to it comes back, whenever that is noticed.
    /// </summary>
    public void NoteCut(string queue, int life) => _cuts[(queue, life)] = true;

    /// <summary>Did a consumer of the queue do so?</summary>
    public bool WasCut(string queue, int life) => _cuts.ContainsKey((queue, life));

    /// <summary>To be called before the server is told to close its connections, which it does one after the other.</summary>
    public void LifeEnds(int life) => LifeEnds(life, Now);

    /// <inheritdoc cref="LifeEnds(int)" />
    public void LifeEnds(int life, TimeSpan at) => _closings[life] = at;

    /// <summary>Had it been told so by then?</summary>
    public bool WasEnding(int life, TimeSpan at) => _closings.TryGetValue(life, out var from) && at >= from;

    public void LifeEnded(int life, LifeEnd how) => _endings[life] = how;

    /// <summary>Null for the life that has not ended.</summary>
    public LifeEnd? EndOf(int life) => _endings.TryGetValue(life, out var how) ? how : null;

    public Publication? Find(MessageId id) =>
        _published.TryGetValue(id.Publisher, out var all) && id.Number >= 0 && id.Number < all.Count
            ? all[id.Number]
            : null;

    /// <summary>Figures of a run, for the reader of its output.</summary>
    public static string Summary(History history)
    {
        var published = history.Published.ToList();
        var steps = history._queues.Values.SelectMany(e => e).CountBy(e => e.Step).OrderBy(s => s.Key);
        return $"{published.Count} published, {published.Count(p => p.Confirmed == true)} confirmed; "
            + string.Join(", ", steps.Select(s => $"{s.Key} {s.Value}"));
    }

    /// <summary>
    /// Steps of one queue, life by life, in the order in which they were noted. A client may look at what it got from
    /// a dead server while others talk with the next one already.
    /// </summary>
    public IEnumerable<QueueEvent> StepsOf(string queue) =>
        _queues.TryGetValue(queue, out var events) ? events.OrderBy(e => e.Life) : [];
}
