namespace ActorBroker.Core.Queues;

/// <content>A consumer that gives back what it has not begun.</content>
internal sealed partial class QueueState
{
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
