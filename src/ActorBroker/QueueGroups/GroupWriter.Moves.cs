using System.Runtime.InteropServices;
using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using ActorBroker.Queues;

namespace ActorBroker.QueueGroups;

/// <content>Messages that change their place: dead letters, and those that are stored again further up.</content>
internal sealed partial class GroupWriter
{
    /// <summary>
    /// Dead letters whose every target is in this write: that they leave their old queue is in it, too. One commit moves them.
    /// </summary>
    private void NoteMove(EnqueueBatch batch)
    {
        if (batch.Confirm is DeadLetterMove move && move.Source.Handle.Group.Equals(group))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_moves, move, out _)++;
        }
    }

    private void WriteMoves(GroupWrite write)
    {
        foreach (var (move, inWrite) in _moves)
        {
            // in this order: another group that fails says so before it counts as answered
            if (move.Unanswered <= inWrite && !move.HasFailed && move.TryTakeSequences(out var sequences))
            {
                var source = (GroupQueue)move.Source;
                foreach (var range in sequences)
                {
                    source.Settle(range, _emptied, write.Number);
                }

                Dirty(source);
            }
        }

        // Never written where they came from: they are safe, and confirmed, only when this write with their new place is committed.
        // Batches of which more is left are marked with this write, too.
        write.Batches.AddRange(_emptied);
        _emptied.Clear();
        _moves.Clear();
    }

    private void WriteRelocations(GroupWrite write, long now, LogIndex index)
    {
        foreach (var (queue, message, time) in _relocations)
        {
            if (index.IsLive(queue, message.Sequence))
            {
                Room(message.Length + PerMessage, write, now);
                _writer.Relocate(queue, message, time);
            }
        }

        _relocations.Clear();
    }
}
