using ActorBroker.Core.Channels;
using CsCheck;

namespace ActorBroker.Core.Tests.Channels;

public sealed class PublisherConfirmsSpec
{
    private readonly PublisherConfirms _confirms = new();
    private readonly Recorder _written = new();

    [Fact]
    public void Publishes_are_numbered_from_one()
    {
        ulong[] tags = [_confirms.NextTag(), _confirms.NextTag(), _confirms.NextTag()];
        Assert.Equal([1, 2, 3], tags);
        Assert.Equal(3UL, _confirms.LastTag);
    }

    [Fact]
    public void One_complete_batch_is_one_ack()
    {
        var batch = Batch(3);
        Assert.False(_confirms.Write(_written));
        batch.Done();
        Assert.True(_confirms.Write(_written));
        Assert.False(_confirms.Write(_written));
        Assert.Equal(["ack 3+"], _written.All);
    }

    [Fact]
    public void A_single_publish_is_acked_without_multiple()
    {
        Batch(1).Done();
        _confirms.Write(_written);
        Assert.Equal(["ack 1"], _written.All);
    }

    [Fact]
    public void A_batch_that_is_ready_early_waits_for_those_before_it()
    {
        var (first, second, third) = (Batch(2), Batch(2), Batch(1));
        second.Done();
        third.Done();
        Assert.False(_confirms.Write(_written));
        Assert.Equal(5UL, _confirms.Outstanding);

        first.Done();
        Assert.True(_confirms.Write(_written));
        Assert.Equal(["ack 5+"], _written.All);
        Assert.Equal(0UL, _confirms.Outstanding);
    }

    [Fact]
    public void A_refused_publish_is_nacked_alone_and_in_its_place()
    {
        var batch = Batch(5);
        batch.Nack(3);
        batch.Done();
        _confirms.Write(_written);
        Assert.Equal(["ack 2+", "nack 3", "ack 5+"], _written.All);
    }

    [Fact]
    public void Refused_at_the_edges_and_side_by_side()
    {
        var batch = Batch(6);
        foreach (var tag in new ulong[] { 6, 1, 3, 2 })
        {
            batch.Nack(tag);
        }

        batch.Done();
        var next = Batch(1);
        next.Done();
        _confirms.Write(_written);
        Assert.Equal(["nack 1", "nack 2", "nack 3", "ack 5+", "nack 6", "ack 7"], _written.All);
    }

    [Fact]
    public void A_publish_that_two_queues_refused_is_nacked_once()
    {
        var batch = Batch(1);
        batch.Expect();
        batch.Nack(1);
        batch.Nack(1);
        batch.Done();
        Assert.False(batch.IsComplete);
        batch.Done();
        Assert.True(batch.IsComplete);
        _confirms.Write(_written);
        Assert.Equal(["nack 1"], _written.All);
    }

    [Fact]
    public void A_batch_completes_once_whichever_thread_is_the_last()
    {
        for (var round = 0; round < 200; round++)
        {
            var batch = new Counting();
            const int queues = 8;
            for (var i = 0; i < queues; i++)
            {
                batch.Expect();
            }

            Parallel.For(0, queues + 1, _ => batch.Done());
            Assert.Equal(1, batch.Times);
        }
    }

    [Fact]
    public void Law_every_publish_is_confirmed_once_and_multiple_never_covers_one_that_is_unanswered() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 63], Gen.Int[0, 1000]).List[1, 30].Sample(
            batches =>
            {
                var confirms = new PublisherConfirms();
                var publisher = new Publisher();
                var open = new List<(ConfirmBatch Batch, int Order)>();
                foreach (var (count, nacks, order) in batches)
                {
                    open.Add((publisher.Publish(confirms, count, nacks), order));
                }

                foreach (var (batch, order) in open.OrderBy(o => o.Order))
                {
                    batch.Done();
                    publisher.Answered(batch);
                    if (order % 3 != 0) // a writer need not look each time
                    {
                        confirms.Write(publisher);
                    }
                }

                confirms.Write(publisher);
                Assert.Empty(publisher.Waiting);
                Assert.Equal(0UL, confirms.Outstanding);
            },
            iter: 2000);

    private ConfirmBatch Batch(int count)
    {
        var batch = new ConfirmBatch(_confirms.NextTag());
        for (var i = 1; i < count; i++)
        {
            batch.Last = _confirms.NextTag();
        }

        _confirms.Add(batch);
        return batch;
    }

    private sealed class Counting() : ConfirmBatch(1)
    {
        private int _times;

        public int Times => _times;

        protected override void Completed() => Interlocked.Increment(ref _times);
    }

    private sealed class Recorder : IConfirmWriter
    {
        public List<string> All { get; } = [];

        public void WriteConfirm(ulong tag, bool multiple, bool ack) =>
            All.Add($"{(ack ? "ack" : "nack")} {tag}{(multiple ? "+" : "")}");
    }

    /// <summary>A client: knows what it has published, and what each confirm means to it.</summary>
    private sealed class Publisher : IConfirmWriter
    {
        private readonly HashSet<ulong> _nacked = [];
        private readonly HashSet<ulong> _answered = [];

        public SortedSet<ulong> Waiting { get; } = [];

        public ConfirmBatch Publish(PublisherConfirms confirms, int count, int nacks)
        {
            ConfirmBatch? batch = null;
            for (var i = 0; i < count; i++)
            {
                var tag = confirms.NextTag();
                batch ??= new ConfirmBatch(tag);
                batch.Last = tag;
                Waiting.Add(tag);
                if ((nacks & (1 << i)) != 0)
                {
                    batch.Nack(tag);
                    _nacked.Add(tag);
                }
            }

            confirms.Add(batch!);
            return batch!;
        }

        public void Answered(ConfirmBatch batch)
        {
            for (var tag = batch.First; tag <= batch.Last; tag++)
            {
                _answered.Add(tag);
            }
        }

        public void WriteConfirm(ulong tag, bool multiple, bool ack)
        {
            Assert.Contains(tag, Waiting);
            foreach (var covered in multiple ? Waiting.Where(t => t <= tag).ToArray() : [tag])
            {
                Assert.Contains(covered, _answered);
                Assert.Equal(!_nacked.Contains(covered), ack);
                Waiting.Remove(covered);
            }
        }
    }
}
