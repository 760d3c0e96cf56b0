using ActorBroker.Addresses;
using ActorBroker.Core.Messages;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.Publishing;

/// <summary>What crosses from channels to queues, and how it is answered.</summary>
public sealed class EnqueueBatchSpec : ActorSpec
{
    private readonly QueueHandle _queue = QueueHandle.ForReplies("/", "q");

    [Fact]
    public void Knows_the_tag_of_each_message_with_and_without_gaps()
    {
        var batch = new EnqueueBatch(_queue, null, new Confirm());
        ulong[] tags = [5, 6, 7, 10, 11, 20, .. Enumerable.Range(30, 100).Select(i => (ulong)i)];
        foreach (var tag in tags)
        {
            batch.Add(Publisher.Numbered((int)tag), tag);
        }

        Assert.Equal(tags.Length, batch.Count);
        Assert.Equal(tags, Enumerable.Range(0, batch.Count).Select(batch.TagOf));
        Assert.Equal(tags.Select(t => (int)t), batch.Messages.ToArray().Select(m => Publisher.NumberOf(m)));
        Assert.Equal(batch.Messages.ToArray().Sum(m => m.Length), batch.Bytes);
    }

    [Fact]
    public void Without_confirms_it_notes_no_tags()
    {
        var message = Publisher.Numbered(1);
        Fill(message);
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++) // a collection that another test causes takes arrays out of the shared pool
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fill(message);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, 200); // the batch itself

        void Fill(Message one)
        {
            var batch = new EnqueueBatch(_queue, null, confirm: null);
            for (var i = 0; i < 500; i++)
            {
                batch.Add(one, tag: 0);
            }

            batch.Answer();
        }
    }

    [Fact]
    public void Knows_whether_one_of_its_messages_expires()
    {
        var batch = new EnqueueBatch(_queue, null, null);
        batch.Add(Publisher.Numbered(1), 0);
        Assert.False(batch.HasExpirations);
        batch.Add(Publisher.Numbered(2, new Amqp.Content.BasicProperties { Expiration = "1" }), 0);
        Assert.True(batch.HasExpirations);
    }

    [Fact]
    public async Task A_refused_batch_nacks_every_message_and_returns_credit_and_references()
    {
        var (publisher, confirm, slab) = (new Publisher(), new Confirm(), Slab.Rent());
        var bias = slab.References;
        var batch = new EnqueueBatch(_queue, publisher, confirm);
        for (var i = 0; i < 3; i++)
        {
            var message = Publisher.Numbered(i);
            message.Owner = slab;
            slab.Give();
            batch.Add(message, (ulong)(i * 2) + 1);
        }

        confirm.Expect();
        var bytes = batch.Bytes;
        batch.Refuse();
        confirm.Done();
        var refused = await Soon(confirm.Answer, "the confirm");
        Assert.Equal([1UL, 3, 5], refused);
        Assert.Equal(bytes, publisher.Accepted);
        Assert.Equal(bias - 3, slab.References);
        slab.Retire();
    }

    [Fact]
    public void It_is_answered_once_whatever_happens_afterwards()
    {
        // A queue that fails after it has answered must not answer for another one.
        var (publisher, confirm) = (new Publisher(), new Confirm());
        confirm.Expect();
        confirm.Expect();
        confirm.Done();
        var batch = new EnqueueBatch(_queue, publisher, confirm);
        batch.Add(Publisher.Numbered(1), 1);
        var bytes = batch.Bytes;
        batch.Answer();
        batch.Answer();
        batch.Refuse();
        Assert.False(confirm.IsComplete);
        Assert.Equal(bytes, publisher.Accepted);

        confirm.Done(); // the other queue
        Assert.True(confirm.IsComplete);
        Assert.Empty(confirm.Nacked);
    }
}
