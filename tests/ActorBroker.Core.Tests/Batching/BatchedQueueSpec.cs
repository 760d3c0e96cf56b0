using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Batching;

/// <summary>Acks find their batch, however many wait in front of it.</summary>
public sealed class BatchedQueueSpec
{
    private readonly BatchedQueue _queue = new(1, new LogBatcher(TimeSpan.Zero));
    private readonly List<ILogBatch> _emptied = [];

    [Fact]
    public void An_ack_behind_one_that_is_stuck_looks_at_few_batches()
    {
        var batches = Enumerable.Range(1, 10_000).Select(i => new Batch(_queue, i)).ToList();
        batches.ForEach(_queue.Add);
        foreach (var batch in batches[1..])
        {
            _queue.Settle(new SequenceRange(batch.FirstNumber, batch.FirstNumber), _emptied);
        }

        Assert.Equal(batches[1..], _emptied);
        Assert.InRange(batches.Sum(b => b.Looks), 0, 10_000 * 40);
        Assert.True(_queue.HasPending);
        _queue.Settle(new SequenceRange(1, 1), _emptied);
        Assert.False(_queue.HasPending);
    }

    [Fact]
    public void A_range_takes_out_of_all_batches_that_it_covers()
    {
        var batches = Enumerable.Range(1, 200).Select(i => new Batch(_queue, i * 10)).ToList();
        batches.ForEach(_queue.Add);
        _queue.Settle(new SequenceRange(1, 9), _emptied);
        Assert.Empty(_emptied);
        _queue.Settle(new SequenceRange(1, 1505), _emptied);
        Assert.Equal(batches[..150], _emptied);
        _queue.Settle(new SequenceRange(1999, 9999), _emptied);
        Assert.Equal([.. batches[..150], batches[199]], _emptied);
        _queue.Settle(new SequenceRange(1, 9999), _emptied);
        Assert.Equal(200, _emptied.Count);
        Assert.False(_queue.HasPending);
    }

    /// <summary>A batch of one message.</summary>
    private sealed class Batch(BatchedQueue queue, long number) : ILogBatch
    {
        public int Looks { get; private set; }

        public BatchedQueue Queue => queue;

        public bool IsHandedOut => false;

        public int ToWrite { get; private set; } = 1;

        public long FirstNumber
        {
            get
            {
                Looks++;
                return number;
            }
        }

        public long InWrite { get; set; }

        public ILogMove? Move => null;

        public bool TryTakeNext(out Message message) => throw new NotSupportedException();

        public int TakeOut(long first, long last)
        {
            var taken = number >= first && number <= last ? ToWrite : 0;
            ToWrite -= taken;
            return taken;
        }
    }
}
