using System.Collections.Concurrent;

namespace ActorBroker;

/// <summary>Everything that holds publishers back. Each cause raises and clears its own alarm; any thread.</summary>
public sealed class PublisherAlarms
{
    private readonly Action _changed;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<object, string> _reasons = new(ReferenceEqualityComparer.Instance);
    private volatile TaskCompletionSource? _off;

    /// <param name="changed">Hears when the first alarm goes on and the last one off.</param>
    internal PublisherAlarms(Action changed) => _changed = changed;

    /// <summary>True while publishers are held back.</summary>
    public bool IsOn => _off is not null;

    /// <summary>What connection.blocked says: the reasons by name, whichever came first.</summary>
    public string Reason => string.Join(", ", _reasons.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    /// <summary>Completes when publishers may go on.</summary>
    public Task WhenOff() => _off?.Task ?? Task.CompletedTask;

    /// <summary>Holds publishers back until <paramref name="cause"/> is cleared.</summary>
    internal void Raise(object cause, string reason)
    {
        lock (_lock)
        {
            _reasons[cause] = reason;
            if (IsOn)
            {
                return;
            }

            _off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _changed();
    }

    /// <summary>This cause no longer holds anybody back.</summary>
    internal void Clear(object cause)
    {
        TaskCompletionSource off;
        lock (_lock)
        {
            if (!_reasons.TryRemove(cause, out _) || !_reasons.IsEmpty)
            {
                return;
            }

            off = _off!;
            _off = null;
        }

        _changed();
        off.SetResult();
    }
}
