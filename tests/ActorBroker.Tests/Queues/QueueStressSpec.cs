using System.Buffers.Binary;
using System.Collections.Concurrent;
using ActorBroker.Addresses;
using ActorBroker.Consumers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Publishing;
using ActorBroker.Scheduling;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Queues;

/// <summary>
/// Publishers and consumers on all threads at once, with slabs that are used again as fast as they can be: each message arrives,
/// whole, is acked once, and stays in the order of its publisher.
/// </summary>
public sealed class QueueStressSpec : BrokerSpec
{
    private const int Publishers = 3;
    private const int Each = 8000;

    [Theory]
    [InlineData(0, false)]
    [InlineData(50, false)]
    [InlineData(0, true)]
    [InlineData(20, true)]
    public async Task Nothing_is_lost_doubled_or_damaged(int prefetch, bool oneGoesAway)
    {
        var queue = await Queue("q");
        var acked = new ConcurrentDictionary<(int, int), int>();
        var endpoints = Enumerable.Range(0, 3).Select(i => new Acking(acked, stopAfter: oneGoesAway && i == 0 ? 500 : int.MaxValue)).ToArray();
        var links = endpoints.Select(e => Consume(queue, e, prefetch)).ToArray();
        var publishing = Enumerable.Range(0, Publishers).Select(p => Task.Factory.StartNew(() => Publish(queue, p), TaskCreationOptions.LongRunning).Unwrap()).ToArray();
        if (oneGoesAway)
        {
            await Soon(endpoints[0].Stopped, "the first consumer to stop");
            queue.Actor.Tell(new QueueProtocol.ChannelGone([links[0]]));
        }

        await Soon(Task.WhenAll(publishing), "the confirms of all publishers");
        await AwaitConditionAsync(
            () => Task.FromResult(acked.Count == Publishers * Each || endpoints.Any(e => e.Fault is not null)), TimeSpan.FromSeconds(60),
            TimeSpan.FromMilliseconds(10), message: $"{acked.Count} of {Publishers * Each} were acked");
        Assert.All(endpoints, e => Assert.Null(e.Fault));
        Assert.All(acked, a => Assert.Equal(1, a.Value));
        var counts = await Declare("q", passive: true);
        Assert.Equal((0, 0, oneGoesAway ? 2 : 3), (counts.Ready, counts.Unacked, counts.Consumers));
    }

    private ConsumerLink Consume(QueueHandle queue, Acking endpoint, int prefetch)
    {
        var link = new ConsumerLink(queue, endpoint, "tag", false, false, prefetch, 0, false, new ChannelGate());
        Sys.ActorOf(ConsumerActor.Props(link, new Reply<bool>()));
        return link;
    }

    /// <summary>As a connection's read loop does it: a turn a socket read, with its batches told at the end.</summary>
    private static async Task Publish(QueueHandle queue, int publisher)
    {
        using var slabs = new SlabWriter();
        var fanOut = new PublishFanOut(null);
        var random = new Random(publisher);
        var next = 0;
        while (next < Each)
        {
            var confirm = new Confirm { Last = 0 };
            HotTurn.Enter();
            for (var left = random.Next(1, 80); left > 0 && next < Each; left--)
            {
                fanOut.Add(Make(slabs, publisher, next++, random.Next(8, 300)), [queue], confirm, ++confirm.Last);
            }

            fanOut.Flush();
            confirm.Done();
            HotTurn.Leave();
            var refused = await confirm.Answer;
            Assert.Empty(refused);
        }
    }

    private static Message Make(SlabWriter slabs, int publisher, int number, int size)
    {
        var body = new byte[size];
        body.AsSpan().Fill((byte)(publisher ^ number));
        BinaryPrimitives.WriteInt32BigEndian(body, publisher);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), number);
        var message = Message.Create("", "q", [0, 0], body);
        var (buffer, owner, offset) = slabs.Allocate(message.Length);
        message.Buffer!.CopyTo(buffer, offset);
        (message.Buffer, message.Owner, message.Offset) = (buffer, owner, offset);
        return message;
    }

    /// <summary>A channel whose client acks everything at once, until it goes away.</summary>
    private sealed class Acking(ConcurrentDictionary<(int, int), int> acked, int stopAfter) : IConsumerEndpoint
    {
        private readonly int[] _newest = [-1, -1, -1];
        private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _received;

        public Task Stopped => _stopped.Task;

        public string? Fault { get; private set; }

        public bool IsCongested => false;

        public void WhenDrained(IActorRef consumer)
        {
        }

        public void Subscribed(ConsumerLink consumer)
        {
        }

        public void Cancelled(ConsumerLink consumer)
        {
        }

        public void CancelledByBroker(ConsumerLink consumer)
        {
        }

        public void Deliver(ConsumerLink consumer, ReadOnlySpan<Message> messages, long firstNumber, long bytes)
        {
            var settle = new QueueProtocol.Settle(consumer.Queue);
            foreach (ref readonly var message in messages)
            {
                if (_received++ == stopAfter)
                {
                    _stopped.TrySetResult();
                }

                if (_received > stopAfter)
                {
                    break; // it is gone, with what it has got
                }

                Check(message);
                settle.Add(consumer, firstNumber++, Outcome.Ack);
            }

            consumer.Queue.Actor.Tell(settle, ActorRefs.NoSender);
        }

        private void Check(in Message message)
        {
            var publisher = BinaryPrimitives.ReadInt32BigEndian(message.Body);
            var number = BinaryPrimitives.ReadInt32BigEndian(message.Body[4..]);
            if (publisher is < 0 or >= Publishers || message.Body[8..].ContainsAnyExcept((byte)(publisher ^ number)))
            {
                Fault ??= $"the bytes of a message were overwritten: {publisher}, {number}";
                return;
            }

            if (!message.Redelivered)
            {
                Fault ??= number > _newest[publisher] ? null : $"{number} of publisher {publisher} came after {_newest[publisher]}";
                _newest[publisher] = number;
            }

            acked.AddOrUpdate((publisher, number), 1, (_, n) => n + 1);
        }
    }
}
