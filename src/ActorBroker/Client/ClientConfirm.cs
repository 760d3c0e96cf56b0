using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;

namespace ActorBroker.Client;

/// <summary>Publishes of one client between two flushes, answered together when every queue has.</summary>
internal sealed class ClientConfirm(ClientPublisher publisher, ulong first) : ConfirmBatch(first)
{
    private readonly List<PublishWaiter> _waiters = [];
    private readonly Lock _lock = new();
    private HashSet<ulong>? _returned;

    /// <summary>Adds a publish to the turn; before the own share is done.</summary>
    /// <returns>Its publish tag.</returns>
    public ulong Add(PublishWaiter waiter)
    {
        _waiters.Add(waiter);
        return Last = First + (ulong)_waiters.Count - 1;
    }

    /// <summary>No queue gets the message.</summary>
    public void Return(ulong tag)
    {
        lock (_lock)
        {
            (_returned ??= []).Add(tag);
        }
    }

    /// <inheritdoc/>
    public override void Return(in Message message, ulong tag) => Return(tag);

    /// <summary>The broker ends, and no answer will come.</summary>
    public void FailAll(Exception reason) => _waiters.ForEach(w => w.Fail(reason));

    /// <inheritdoc/>
    protected override void Completed()
    {
        publisher.Forget(this);
        var refused = Nacked.ToHashSet();
        for (var i = 0; i < _waiters.Count; i++)
        {
            var tag = First + (ulong)i;
            _waiters[i].Complete(
                refused.Contains(tag) ? PublishResult.Refused
                : _returned?.Contains(tag) == true ? PublishResult.Returned
                : PublishResult.Confirmed);
        }
    }
}
