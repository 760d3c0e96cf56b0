using System.Collections.Concurrent;
using ActorBroker.Durability.Tests.Crash;

namespace ActorBroker.Durability.Tests.Soak;

/// <summary>What all clients of a soak did, and what they did not expect.</summary>
internal sealed class SoakTally
{
    private readonly ConcurrentDictionary<string, int> _done = new();
    private readonly ConcurrentDictionary<MessageId, bool> _owed = new();
    private long _confirmed;

    /// <summary>Messages whose confirm has come.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>What must not have happened.</summary>
    public ConcurrentQueue<string> Surprises { get; } = new();

    /// <summary>How often what was done.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    public void Did(string what) => _done.AddOrUpdate(what, 1, (_, times) => times + 1);

    public void Confirm(int messages) => Interlocked.Add(ref _confirmed, messages);

    /// <summary>A message of a queue that stays was confirmed, and nobody has had it yet.</summary>
    public void Owes(MessageId message) => _owed.TryAdd(message, true);

    /// <summary>It was taken out of its queue, or was there at the end.</summary>
    public void Saw(MessageId message) => _owed.TryRemove(message, out _);

    /// <summary>Confirmed and never seen.</summary>
    public IReadOnlyCollection<MessageId> Lost => [.. _owed.Keys];
}
