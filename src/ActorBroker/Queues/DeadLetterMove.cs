using System.Diagnostics.CodeAnalysis;
using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Journal;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <summary>
/// Messages on their way from a durable queue to where they are dead-lettered to: they leave the log of their old queue only when
/// every new one has them. With all queues in one group that is one commit; else the new ones come first, and a broker that dies
/// between leaves a message in both.
/// </summary>
/// <param name="source">The queue they leave.</param>
/// <param name="inGroup">The same as its group knows it.</param>
internal sealed class DeadLetterMove(QueueHandle source, BatchedQueue inGroup) : ConfirmBatch(0), ILogMove
{
    private readonly List<SequenceRange> _sequences = [];
    private int _taken;

    /// <summary>One more message, before <see cref="ConfirmBatch.Done"/>.</summary>
    public void Add(long sequence)
    {
        if (sequence != 0)
        {
            _sequences.Add(new SequenceRange(sequence, sequence));
        }
    }

    BatchedQueue? ILogMove.Source => inGroup;

    /// <summary>Whoever gets them writes that they have left; once.</summary>
    public bool TryTakeSequences([NotNullWhen(true)] out List<SequenceRange>? sequences)
    {
        sequences = Interlocked.Exchange(ref _taken, 1) == 0 ? _sequences : null;
        return sequences is not null;
    }

    /// <inheritdoc/>
    protected override void Completed()
    {
        if (!HasFailed && _sequences.Count > 0 && TryTakeSequences(out var sequences))
        {
            source.Group.Tell(new GroupProtocol.Changed(inGroup, [.. sequences], []), ActorRefs.NoSender);
        }
    }
}
