using System.Runtime.InteropServices;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Batching;

/// <content>Messages that change their place: dead letters, and those that are stored again further up.</content>
internal sealed partial class LogBatcher
{
    /// <summary>A message that shall be stored again, further up, if it still is live when the write is made.</summary>
    public void Relocate(long queue, in Message message, long time)
    {
        _relocations.Add((queue, message, time));
        IsUrgent = true;
    }

    /// <summary>
    /// Dead letters whose every target is in this write: that they leave their old queue is in it, too. One commit moves them.
    /// </summary>
    private void NoteMove(ILogBatch batch)
    {
        if (batch.Move is { } move && ReferenceEquals(move.Source?.Batcher, this))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_moves, move, out _)++;
        }
    }

    private void WriteMoves(LogWrite write)
    {
        foreach (var (move, inWrite) in _moves)
        {
            // in this order: a target elsewhere that fails says so before it counts as answered
            if (move.Unanswered <= inWrite && !move.HasFailed && move.TryTakeSequences(out var sequences))
            {
                var source = move.Source!;
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

    private void WriteRelocations(LogWrite write, long now, LogIndex index)
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
