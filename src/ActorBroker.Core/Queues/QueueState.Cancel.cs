namespace ActorBroker.Core.Queues;

/// <content>A consumer that is cancelled, what it gives back, and when its successor goes on.</content>
internal sealed partial class QueueState
{
    /// <summary>
    /// The single active consumer was cancelled and still holds messages: they may come back, so its successor gets nothing before they
    /// are settled, or <see cref="EndHandover"/>.
    /// </summary>
    public bool IsHandingOver => _predecessors.Count > 0;

    /// <summary>basic.cancel: no more deliveries; what it holds stays until it is settled or the channel goes.</summary>
    public void ApplyCancelled(QueueConsumer consumer)
    {
        if (_rotation.Active == consumer && consumer.Unacked > 0)
        {
            _predecessors.Add(consumer);
        }

        consumer.Cancelled = true;
        _rotation.Remove(consumer);
        if (consumer.Unacked > 0)
        {
            _others.Add(consumer);
        }
    }

    /// <summary>The successor has waited long enough for what the one before it holds: it goes on with what comes next.</summary>
    public void EndHandover() => _predecessors.Clear();

    /// <summary>A cancelled consumer begins nothing more: all that it holds goes back in one step, before anybody gets a delivery.</summary>
    /// <param name="consumer">Whose.</param>
    /// <param name="begun">Number of the delivery that it is working on, and keeps; 0 for none.</param>
    public void ApplyReturned(QueueConsumer consumer, long begun)
    {
        var works = consumer.TryTake(begun, out var kept);
        while (consumer.TryTakeFirst(out var held))
        {
            Return(held);
        }

        if (works)
        {
            consumer.Restore(begun, kept);
        }

        _predecessors.RemoveAll(static c => c.Unacked == 0);
    }
}
