using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.QueueGroups;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A batcher whose answers are told after each step, as a group does.</summary>
internal sealed class BenchWriter(TimeSpan grace)
{
    public LogBatcher Batcher { get; } = new(grace);

    public LogWrite? UnderWay => Batcher.UnderWay;

    public bool IsUrgent => Batcher.IsUrgent;

    public bool HasAny => Batcher.HasAny;

    public bool HasOnlyMessages => Batcher.HasOnlyMessages;

    public void HasRoom() => Batcher.HasRoom();

    public void Add(EnqueueBatch batch, TimeSpan at) => Do(b => b.Add(batch, at));

    /// <returns>True when some are still left to their grace.</returns>
    public bool EndGrace(TimeSpan now)
    {
        Do(b => b.EndGrace(now));
        return Batcher.GraceEnds is not null;
    }

    public void Settle(GroupQueue queue, SequenceRange range) => Do(b => b.Settle(queue, range));

    public void Return(GroupQueue queue, long sequence, int deliveryCount) => Do(b => b.Return(queue, sequence, deliveryCount));

    public void Await(GroupQueue queue, ConfirmBatch confirm) => Do(b => b.Await(queue, confirm));

    public void Mark(GroupQueue queue, long upTo, int ticket) => Do(b => b.Mark(queue, upTo, ticket));

    public void Remove(GroupQueue queue) => Do(b => b.Remove(queue));

    public void RemoveOrphan(long queue) => Batcher.RemoveOrphan(queue);

    public void Relocate(long queue, Message message, long time) => Batcher.Relocate(queue, message, time);

    public LogWrite? Next(long now, LogIndex index, WriteRoom room)
    {
        var write = Batcher.Next(now, index, room);
        Batcher.Answers.Tell();
        return write;
    }

    public void Committed() => Do(b => b.Committed());

    public void End() => Do(b => b.End());

    private void Do(Action<LogBatcher> step)
    {
        step(Batcher);
        Batcher.Answers.Tell();
    }
}
