using System.Buffers;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Topology;
using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.TestKit;

namespace ActorBroker.Tests.Consumers;

/// <summary>A consumer between its queue, here a probe, and its channel, here a recorder.</summary>
public sealed class ConsumerActorSpec : ActorSpec
{
    private readonly FakeEndpoint _endpoint = new();
    private readonly Reply<bool> _subscribed = new();
    private readonly TestProbe _queue;
    private readonly QueueHandle _handle;

    public ConsumerActorSpec()
    {
        _queue = CreateTestProbe("queue");
        _handle = new QueueHandle(new QueueDefinition("/", "q", 1, false, false, null, QueueArguments.None));
        _handle.ServedBy(_queue.Ref);
    }

    [Fact]
    public async Task Asks_its_queue_and_answers_when_that_has()
    {
        var (link, consumer) = Start();
        Assert.Same(link, _queue.ExpectMsg<QueueProtocol.Subscribe>().Consumer);
        Assert.Equal(consumer, link.Actor);
        Assert.False(_subscribed.Task.IsCompleted);

        consumer.Tell(QueueProtocol.Subscribed.Instance);
        Assert.True(await Soon(_subscribed.Task, "the answer to the subscription"));
        _endpoint.Expect("subscribed");
    }

    [Fact]
    public async Task Passes_a_refusal_on_and_stops()
    {
        var (_, consumer) = Start();
        Watch(consumer);
        consumer.Tell(new QueueProtocol.SubscribeRefused(new ChannelException(ReplyCode.AccessRefused, "no")));
        await Assert.ThrowsAsync<ChannelException>(() => Soon(_subscribed.Task, "the refusal"));
        ExpectTerminated(consumer);
        _endpoint.ExpectNothing();
    }

    [Fact]
    public void Hands_batches_to_its_channel_in_order_with_their_numbers()
    {
        var (_, consumer) = Subscribed();
        consumer.Tell(Batch(1, 10, 11));
        consumer.Tell(Batch(3, 12));
        _endpoint.Expect("#1: 10", "#2: 11", "#3: 12");
    }

    [Fact]
    public void Holds_batches_back_while_the_socket_is_congested()
    {
        var (_, consumer) = Subscribed();
        _endpoint.IsCongested = true;
        consumer.Tell(Batch(1, 10));
        consumer.Tell(Batch(2, 11));
        _endpoint.Expect("waits", "waits");
        Assert.All(_endpoint.Waiting, w => Assert.Equal(consumer, w));

        _endpoint.IsCongested = false;
        consumer.Tell(ConsumerProtocol.Drained.Instance);
        _endpoint.Expect("#1: 10", "#2: 11");
    }

    [Fact]
    public void Tells_its_queue_when_the_window_opens_and_only_then()
    {
        var (link, consumer) = Subscribed();
        link.Window!.Sent(ConsumerLink.WindowBytes);
        consumer.Tell(Batch(1, 10));
        _endpoint.Expect("#1: 10");
        _queue.ExpectNoMsg(TimeSpan.FromMilliseconds(30)); // the queue did not find it closed yet

        link.Window.Sent(ConsumerLink.WindowBytes);
        Assert.True(link.Window.Wait());
        consumer.Tell(Batch(2, 11));
        _queue.ExpectMsg<QueueProtocol.WindowOpened>();
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Returns_the_references_of_what_needs_no_ack_once_it_is_written(bool noAck, int returned)
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        slab.Give();
        var (_, consumer) = Subscribed(noAck);
        var message = Publisher.Numbered(5);
        message.Buffer!.CopyTo(slab.Bytes, 0);
        (message.Buffer, message.Owner) = (slab.Bytes, slab);
        consumer.Tell(BatchOf(1, message));
        _endpoint.Expect("#1: 5");
        consumer.Tell(QueueProtocol.Cancelled.Instance);
        _endpoint.Expect("cancelled");
        await Task.Yield();
        Assert.Equal(bias - returned, slab.References);
        slab.Release(1 - returned);
        slab.Retire();
    }

    [Fact]
    public void A_cancelled_consumer_sends_what_it_holds_and_then_says_so()
    {
        var (_, consumer) = Subscribed();
        Watch(consumer);
        _endpoint.IsCongested = true;
        consumer.Tell(Batch(1, 10));
        consumer.Tell(QueueProtocol.Cancelled.Instance);
        _endpoint.Expect("waits", "waits");
        _endpoint.IsCongested = false;
        consumer.Tell(ConsumerProtocol.Drained.Instance);
        _endpoint.Expect("#1: 10", "cancelled");
        ExpectTerminated(consumer);
    }

    [Fact]
    public void A_consumer_whose_queue_is_gone_is_cancelled_by_the_broker()
    {
        var (_, consumer) = Subscribed();
        Watch(consumer);
        consumer.Tell(QueueProtocol.QueueGone.Instance);
        _endpoint.Expect("cancelled by broker");
        ExpectTerminated(consumer);
    }

    [Fact]
    public void What_it_holds_when_its_queue_is_gone_still_goes_to_the_client()
    {
        var (_, consumer) = Subscribed();
        Watch(consumer);
        _endpoint.IsCongested = true;
        consumer.Tell(Batch(1, 10));
        consumer.Tell(QueueProtocol.QueueGone.Instance);
        _endpoint.Expect("waits", "waits");
        _endpoint.IsCongested = false;
        consumer.Tell(ConsumerProtocol.Drained.Instance);
        _endpoint.Expect("#1: 10", "cancelled by broker");
        ExpectTerminated(consumer);
    }

    [Fact]
    public async Task A_direct_reply_goes_straight_to_the_client()
    {
        var (consumer, address) = StartReplies();
        var confirm = new Confirm();
        consumer.Tell(Direct(address, confirm, 7));
        _endpoint.Expect("#0: 7");
        Assert.Empty(await Soon(confirm.Answer, "the confirm of a direct reply"));
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_its_direct_replies_and_their_publisher_is_answered()
    {
        var (consumer, address) = StartReplies();
        _endpoint.IsCongested = true;
        var confirm = new Confirm();
        consumer.Tell(Direct(address, confirm, 7));
        Assert.Empty(await Soon(confirm.Answer, "the confirm of a direct reply"));
        _endpoint.ExpectNothing();
    }

    private (ConsumerLink Link, IActorRef Actor) Start(bool noAck = false)
    {
        var link = new ConsumerLink(_handle, _endpoint, "tag", noAck, false, 0, 0, false, new ChannelGate());
        return (link, Sys.ActorOf(ConsumerActor.Props(link, _subscribed)));
    }

    private (ConsumerLink Link, IActorRef Actor) Subscribed(bool noAck = false)
    {
        var (link, actor) = Start(noAck);
        _queue.ExpectMsg<QueueProtocol.Subscribe>();
        actor.Tell(QueueProtocol.Subscribed.Instance);
        _endpoint.Expect("subscribed");
        return (link, actor);
    }

    private (IActorRef Actor, QueueHandle Address) StartReplies()
    {
        var address = QueueHandle.ForReplies("/", "amq.rabbitmq.reply-to.x");
        var link = new ConsumerLink(address, _endpoint, "tag", noAck: true, false, 0, 0, false, null);
        var actor = Sys.ActorOf(ConsumerActor.Props(link, _subscribed));
        _endpoint.Expect("subscribed");
        return (actor, address);
    }

    private static EnqueueBatch Direct(QueueHandle address, Confirm confirm, int number)
    {
        var batch = new EnqueueBatch(address, null, confirm);
        batch.Add(Publisher.Numbered(number), 1);
        return batch;
    }

    private static ConsumerProtocol.DeliveryBatch Batch(long first, params int[] numbers) =>
        BatchOf(first, Array.ConvertAll(numbers, n => Publisher.Numbered(n)));

    private static ConsumerProtocol.DeliveryBatch BatchOf(long first, params Message[] messages)
    {
        var array = ArrayPool<Message>.Shared.Rent(messages.Length);
        messages.CopyTo(array, 0);
        return new ConsumerProtocol.DeliveryBatch(array, messages.Length, first, messages.Sum(m => m.Length + DeliveryWindow.PerMessage));
    }
}
