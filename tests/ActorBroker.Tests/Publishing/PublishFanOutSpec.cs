using ActorBroker.Addresses;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Publishing;
using ActorBroker.Tests.Support;
using Akka.TestKit;

namespace ActorBroker.Tests.Publishing;

/// <summary>One batch per queue between two flushes.</summary>
public sealed class PublishFanOutSpec : ActorSpec
{
    private readonly Publisher _publisher = new();

    [Fact]
    public void Tells_each_queue_once_with_all_its_messages_in_order()
    {
        var (a, probeA) = Queue("a");
        var (b, probeB) = Queue("b");
        var fanOut = new PublishFanOut(_publisher);
        fanOut.Add(Publisher.Numbered(1), [a], null, 0);
        fanOut.Add(Publisher.Numbered(2), [a, b], null, 0);
        fanOut.Add(Publisher.Numbered(3), [b], null, 0);
        fanOut.Add(Publisher.Numbered(4), [a], null, 0);
        Assert.Equal(5L * Publisher.Numbered(1).Length, fanOut.Bytes);
        probeA.ExpectNoMsg(TimeSpan.Zero);

        fanOut.Flush();
        Assert.Equal([1, 2, 4], Numbers(probeA));
        Assert.Equal([2, 3], Numbers(probeB));
        Assert.Equal(0, fanOut.Bytes);
        fanOut.Flush();
        probeA.ExpectNoMsg(TimeSpan.FromMilliseconds(20));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Finding_the_batch_of_a_queue_does_not_take_longer_with_many_queues(bool reversed)
    {
        var queues = Enumerable.Range(0, 2000).Select(i => QueueHandle.ForReplies("/", $"q{i}")).ToArray();
        var fanOut = new PublishFanOut(null);
        fanOut.Add(Publisher.Numbered(1), queues, null, 0);
        fanOut.Add(Publisher.Numbered(2), reversed ? [.. queues.AsEnumerable().Reverse()] : queues, null, 0);
        for (var i = 0; i < 1000; i++)
        {
            fanOut.Add(Publisher.Numbered(3), [queues[i * 7 % 2000]], null, 0);
        }

        Assert.InRange(fanOut.Looks, 0, 2 * 5000); // reversed it was two million
    }

    [Fact]
    public void One_reference_becomes_one_for_each_queue()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        var message = Publisher.Numbered(1);
        message.Owner = slab;
        slab.Give();
        var (a, _) = Queue("a");
        var (b, _) = Queue("b");
        var (c, _) = Queue("c");
        new PublishFanOut(null).Add(message, [a, b, c], null, 0);
        Assert.Equal(bias + 2, slab.References);
    }

    [Fact]
    public void What_was_routed_to_a_queue_that_is_gone_stays_before_what_goes_to_the_one_in_its_place()
    {
        var host = new VirtualHost("/");
        host.Add(new ExchangeHandle("/", "", ExchangeType.Direct, isInternal: false, alternateExchange: null));
        var (old, probeOld) = Queue("q");
        var (next, probeNext) = Queue("q");
        host.Add(next);
        var fanOut = new PublishFanOut(_publisher);
        fanOut.Add(Publisher.Numbered(1), [old], null, 0);
        fanOut.Add(Publisher.Numbered(2), [next], null, 0);
        old.HasEnded = true;
        old.Gone = new Rerouting(host, newest: 0);
        fanOut.Flush();
        Assert.Equal([1], Numbers(probeNext));
        Assert.Equal([2], Numbers(probeNext));
        probeOld.ExpectNoMsg(TimeSpan.FromMilliseconds(20));
        Assert.Equal(2L * Publisher.Numbered(1).Length, _publisher.Accepted); // sent on, it was in flight once
    }

    [Fact]
    public async Task A_confirm_waits_for_every_queue()
    {
        var (a, probeA) = Queue("a");
        var (b, probeB) = Queue("b");
        var fanOut = new PublishFanOut(_publisher);
        var confirm = new Confirm();
        fanOut.Add(Publisher.Numbered(1), [a, b], confirm, 1);
        fanOut.Add(Publisher.Numbered(2), [b], confirm, 2);
        fanOut.Flush();
        confirm.Done();

        probeA.ExpectMsg<EnqueueBatch>().Answer();
        Assert.False(confirm.IsComplete);
        var last = probeB.ExpectMsg<EnqueueBatch>();
        Assert.Equal((1UL, 2UL), (last.TagOf(0), last.TagOf(1)));
        last.Refuse();
        var refused = await Soon(confirm.Answer, "the confirm");
        Assert.Equal([1UL, 2], refused);
        Assert.Equal(1, confirm.Completions);
    }

    [Fact]
    public void Publishes_of_two_channels_go_in_batches_of_their_own()
    {
        var (a, probe) = Queue("a");
        var fanOut = new PublishFanOut(_publisher);
        var (one, two) = (new Confirm(), new Confirm());
        fanOut.Add(Publisher.Numbered(1), [a], one, 1);
        fanOut.Add(Publisher.Numbered(2), [a], two, 1);
        fanOut.Add(Publisher.Numbered(3), [a], one, 2);
        fanOut.Flush();
        Assert.Equal([1, 3], Numbers(probe));
        Assert.Equal([2], Numbers(probe));
    }

    [Fact]
    public void A_fan_out_to_many_queues_keeps_them_apart()
    {
        var queues = Enumerable.Range(0, 50).Select(i => Queue($"q{i}")).ToArray();
        var fanOut = new PublishFanOut(_publisher);
        for (var i = 0; i < 10; i++)
        {
            fanOut.Add(Publisher.Numbered(i), [.. queues.Where((_, q) => q % 10 != i).Select(q => q.Handle)], null, 0);
        }

        fanOut.Flush();
        for (var q = 0; q < queues.Length; q++)
        {
            Assert.Equal(Enumerable.Range(0, 10).Where(i => q % 10 != i), Numbers(queues[q].Probe));
        }
    }

    private (QueueHandle Handle, TestProbe Probe) Queue(string name)
    {
        var probe = CreateTestProbe();
        var handle = QueueHandle.ForReplies("/", name);
        handle.ServedBy(probe.Ref);
        return (handle, probe);
    }

    private static int[] Numbers(TestProbe probe)
    {
        var batch = probe.ExpectMsg<EnqueueBatch>();
        int[] numbers = [.. batch.Messages.ToArray().Select(m => Publisher.NumberOf(m))];
        batch.Answer();
        return numbers;
    }
}
