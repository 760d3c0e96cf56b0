using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Addresses;

/// <summary>
/// Everything one may say to a <see cref="Queues.QueueActor"/>, besides <see cref="EnqueueBatch"/>, and what it answers. What channels
/// may well say to a queue that has ended is no line in a log (<see cref="IDeadLetterSuppression"/>).
/// </summary>
internal static class QueueProtocol
{
    /// <summary>A consumer asks to join. Its actor gets <see cref="Subscribed"/> or <see cref="SubscribeRefused"/>.</summary>
    public sealed record Subscribe(ConsumerLink Consumer) : INoSerializationVerificationNeeded;

    /// <summary>The consumer is in the rotation; deliveries follow.</summary>
    public sealed record Subscribed : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Subscribed Instance = new();
    }

    /// <summary>The consumer was not let in.</summary>
    /// <param name="Reason">403, closes the channel.</param>
    public sealed record SubscribeRefused(Exception Reason) : INoSerializationVerificationNeeded;

    /// <summary>basic.cancel: its actor gets <see cref="Cancelled"/> after the last delivery.</summary>
    /// <param name="Consumer">Whose deliveries end.</param>
    /// <param name="Begun">Null: it keeps what it holds. Else all goes back at once but the delivery of this number, 0 for none.</param>
    public sealed record Cancel(ConsumerLink Consumer, long? Begun = null) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    /// <summary>No delivery will follow.</summary>
    public sealed record Cancelled : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly Cancelled Instance = new();
    }

    /// <summary>The queue is gone: its consumers are cancelled.</summary>
    public sealed record QueueGone : INoSerializationVerificationNeeded
    {
        /// <summary>The only one.</summary>
        public static readonly QueueGone Instance = new();
    }

    /// <summary>A channel is gone: all that these held goes back at once.</summary>
    public sealed record ChannelGone(ConsumerLink[] Consumers) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    /// <summary>A consumer has room again.</summary>
    public sealed record WindowOpened : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        /// <summary>The only one.</summary>
        public static readonly WindowOpened Instance = new();
    }

    /// <summary>A place of the limit that a channel's consumers share is kept for this one, until the queue has had a round.</summary>
    public sealed record PlaceKept(ConsumerLink Consumer) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    /// <summary>basic.get.</summary>
    public sealed record Get(ConsumerLink Getter, Reply<GetResult> Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>What basic.get found.</summary>
    /// <param name="Found">False for get-empty.</param>
    /// <param name="Message">The message; a no-ack getter owns its reference.</param>
    /// <param name="Number">Its number with the getter.</param>
    /// <param name="Left">Messages that still wait.</param>
    public sealed record GetResult(bool Found, Message Message, long Number, int Left);

    /// <summary>queue.purge; answers how many went.</summary>
    public sealed record Purge(Reply<int> Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>The counts of queue.declare-ok. Renews x-expires.</summary>
    /// <param name="Declare">What the topology was asked: a queue that has ended meanwhile tells it that once more.</param>
    /// <param name="Reply">Gets them.</param>
    public sealed record Inspect(object Declare, Reply<QueueCounts> Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>The queue fails as by a fault that it cannot go on after: its actor begins anew. For tests.</summary>
    internal sealed record Fail(Exception Cause) : INoSerializationVerificationNeeded;

    /// <summary>What a queue holds, and who holds what of it. For tests: it renews nothing and waits for nothing.</summary>
    internal sealed record Survey(Reply<SurveyResult> Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        public void Refuse(Exception reason) => Reply.Fail(reason);
    }

    /// <summary>Counts, and the consumers by tag with what each has not settled.</summary>
    internal sealed record SurveyResult(int Ready, int Unacked, IReadOnlyList<(string Tag, int Unacked)> Consumers);

    /// <summary>Depth and consumers of a queue at one moment.</summary>
    public sealed record QueueCounts(string Name, int Ready, int Unacked, int Consumers);

    /// <summary>Ends the queue, if the conditions hold. The topology hears <see cref="Ended"/>.</summary>
    /// <param name="IfUnused">Refuse with 406 while it has consumers.</param>
    /// <param name="IfEmpty">Refuse with 406 while messages wait.</param>
    /// <param name="Reply">Gets the number of messages that went with it; null when nobody waits.</param>
    public sealed record Delete(bool IfUnused, bool IfEmpty, Reply<int>? Reply) : INoSerializationVerificationNeeded, IAwaited
    {
        /// <inheritdoc/>
        public void Refuse(Exception reason) => Reply?.Fail(reason);
    }

    /// <summary>To the topology: the queue has ended, by whatever way, and takes nothing more.</summary>
    /// <param name="Queue">Which.</param>
    /// <param name="Messages">How many went with it.</param>
    /// <param name="Consumers">Who must hear of it, once it is committed: next to the answer, as clients know it from RabbitMQ.</param>
    /// <param name="Reply">Who waits for that number, if anybody.</param>
    public sealed record Ended(QueueHandle Queue, int Messages, IReadOnlyList<IActorRef> Consumers, Reply<int>? Reply)
        : INoSerializationVerificationNeeded, IAwaited
    {
        /// <summary>The end of the queue is committed.</summary>
        public void Succeed()
        {
            TellConsumers();
            Reply?.Succeed(Messages);
        }

        /// <inheritdoc/>
        public void Refuse(Exception reason)
        {
            TellConsumers(); // nothing will come from it, whatever the store says
            Queue.Actor.Tell(new EndRefused(reason), ActorRefs.NoSender);
            Reply?.Fail(reason);
        }

        private void TellConsumers()
        {
            foreach (var consumer in Consumers)
            {
                consumer.Tell(QueueGone.Instance, ActorRefs.NoSender);
            }
        }
    }

    /// <summary>
    /// From the virtual host: the queue has ended, that is committed, and no table leads to it any more. Nothing takes its place before
    /// <see cref="Drained"/> is answered, so that what was published to both comes in order.
    /// </summary>
    /// <param name="Newest"><see cref="QueueHandle.Shown"/> of the newest queue that anybody has seen.</param>
    /// <param name="Host">Gets the answer.</param>
    public sealed record Removed(long Newest, IActorRef Host) : INoSerializationVerificationNeeded;

    /// <summary>From the queue to itself: what came before <see cref="QueueHandle.Gone"/> was set is handled.</summary>
    public sealed record Last(IActorRef Host) : INoSerializationVerificationNeeded;

    /// <summary>All that came to the ended queue before <see cref="Removed"/> is on its way elsewhere.</summary>
    public sealed record Drained(QueueHandle Queue) : INoSerializationVerificationNeeded;

    /// <summary>The end of the queue can never be written: what waits for that is refused.</summary>
    public sealed record EndRefused(Exception Reason) : INoSerializationVerificationNeeded;

    /// <summary>Verdicts of one channel on deliveries of one queue, from one socket read. They count together, then one delivery round runs.</summary>
    public sealed class Settle(QueueHandle queue) : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        private (ConsumerLink Consumer, long From, long To, Outcome Outcome)[] _ranges = new (ConsumerLink, long, long, Outcome)[2];
        private int _count;
        private ChannelGate? _gate;

        /// <summary>Whose messages.</summary>
        public QueueHandle Queue { get; } = queue;

        /// <summary>Runs of delivery numbers, in the order in which the client settled them.</summary>
        public ReadOnlySpan<(ConsumerLink Consumer, long From, long To, Outcome Outcome)> Ranges => _ranges.AsSpan(0, _count);

        /// <summary>A transaction waits until this is written; null when nobody does.</summary>
        public ConfirmBatch? Confirm { get; private set; }

        /// <summary>The transaction waits for this queue, too.</summary>
        public void Await(ConfirmBatch confirm)
        {
            confirm.Expect();
            Confirm = confirm;
        }

        /// <summary>How many deliveries that count towards the channel's shared limit.</summary>
        public int Deliveries { get; private set; }

        /// <summary>The verdicts are applied: their places of the channel's shared limit are free.</summary>
        public void FreePlaces()
        {
            if (_gate is not null)
            {
                ConsumerLink.Wake(_gate.Return(Deliveries));
                _gate = null;
            }
        }

        /// <summary>Adds a verdict on one delivery.</summary>
        public void Add(ConsumerLink consumer, long number, Outcome outcome)
        {
            Deliveries += consumer.GetsOnly ? 0 : 1;
            _gate ??= consumer.Gate; // one channel's, and so the same for all
            if (_count > 0 && _ranges[_count - 1] is var last && last.Consumer == consumer && last.Outcome == outcome && last.To + 1 == number)
            {
                _ranges[_count - 1].To = number;
                return;
            }

            if (_count == _ranges.Length)
            {
                Array.Resize(ref _ranges, _count * 2);
            }

            _ranges[_count++] = (consumer, number, number, outcome);
        }
    }
}
