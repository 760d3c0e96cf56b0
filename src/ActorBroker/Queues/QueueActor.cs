using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Queues;
using ActorBroker.Diagnostics;
using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Queues;

/// <summary>
/// One queue as an actor: a thin shell over <see cref="QueueState"/>. Decide, apply, then tell the world.
/// </summary>
/// <remarks>
/// Life: started when the queue is declared; ends by <see cref="QueueProtocol.Delete"/>, then sends late batches on until no table leads
/// to it, and stops: what comes after that is answered by <see cref="QueueTombstones"/>, so that nothing is lost and nobody waits for
/// ever. A fault in one message refuses that message and keeps the state.
/// </remarks>
internal sealed partial class QueueActor : UntypedActor
{
    private readonly QueueHandle _handle;
    private readonly QueueState _state;
    private readonly IActorRef _topology;
    private readonly DeadLetterPublisher _deadLetters;
    private readonly QueueTimers _timers;
    private readonly ResidentMemory? _resident;
    private QueueLog? _stored; // of a durable queue, when there is a store
    private readonly ILoggingAdapter _log = Context.GetLogger().OneLine();
    private readonly List<QueueConsumer> _touched = [];
    private readonly List<Leaving> _leaving = [];

    /// <summary>The actor of <paramref name="handle"/>, which keeps its messages in memory only.</summary>
    public QueueActor(QueueHandle handle, IActorRef topology, VirtualHost host)
        : this(handle, topology, host, null, null)
    {
    }

    /// <summary>The same with a log, kept by the group that is its parent.</summary>
    internal QueueActor(
        QueueHandle handle, IActorRef topology, VirtualHost host, StoredContents? contents, ResidentMemory? resident)
    {
        _handle = handle;
        _topology = topology;
        _deadLetters = new DeadLetterPublisher(host, contents?.InGroup);
        _state = new QueueState(handle.Definition.Arguments.Limits);
        _timers = new QueueTimers(Context.System.Scheduler, SystemMoments.For(Context.System), Self, handle.Definition.Arguments);
        _resident = resident;
        if (contents is not null)
        {
            _stored = new QueueLog(handle, Context, _state, contents, resident!);
        }
    }

    /// <summary>How to start it.</summary>
    public static Props Props(QueueHandle handle, IActorRef topology, VirtualHost host) =>
        Akka.Actor.Props.Create(() => new QueueActor(handle, topology, host)).WithDispatcher(Dispatchers.Hot);

    internal static Props Props(
        QueueHandle handle, IActorRef topology, VirtualHost host, StoredContents contents, ResidentMemory resident) =>
        Akka.Actor.Props.CreateBy(new Producer(handle, topology, host, contents, resident)).WithDispatcher(Dispatchers.Hot);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _timers.Used(_state);
        _stored?.Settled(); // a time to live goes on although nobody asks
    }

    /// <inheritdoc/>
    protected override void PostStop() => _timers.Dispose();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is QueueProtocol.Fail fail)
        {
            throw new QueueFailedException(_handle.Description, fail.Cause);
        }

        if (_stored is null)
        {
            Take(message);
        }
        else
        {
            Take(message);
            _stored.Settled();
        }
    }

    private void Take(object message)
    {
        try
        {
            Handle(message);
        }
        catch (AmqpException refusal) when (message is IAwaited request)
        {
            request.Refuse(refusal);
        }
        catch (Exception fault)
        {
            _log.Error(fault, "{0}: {1} failed and was refused; the queue goes on", _handle.Description, message.GetType().Name);
            if (message is EnqueueBatch { InGroup: null } batch)
            {
                batch.Abandon();
            }

            (message as IAwaited)?.Refuse(new ConnectionException(ReplyCode.InternalError, $"{_handle.Description}: {fault.Message}"));
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case EnqueueBatch batch:
                Enqueue(batch);
                break;
            case QueueProtocol.Settle settle:
                Settle(settle);
                break;
            case QueueProtocol.WindowOpened:
                DeliverAll();
                break;
            case QueueProtocol.PlaceKept kept:
                PlaceKept(kept.Consumer);
                break;
            case QueueProtocol.Subscribe subscribe:
                Subscribe(subscribe.Consumer);
                break;
            case QueueProtocol.Cancel cancel:
                Cancel(cancel);
                break;
            case QueueProtocol.ChannelGone gone:
                ChannelGone(gone);
                break;
            case QueueProtocol.Get get:
                Get(get);
                break;
            case QueueProtocol.Purge purge:
                _stored?.Purging();
                purge.Reply.Succeed(_state.ApplyPurged());
                break;
            case QueueProtocol.Inspect inspect:
                _timers.Used(_state);
                inspect.Reply.Succeed(new QueueProtocol.QueueCounts(_handle.Name, _state.Ready, _state.Unacked, _state.ConsumerCount));
                break;
            case QueueProtocol.Survey survey:
                survey.Reply.Succeed(new QueueProtocol.SurveyResult(
                    _state.Ready, _state.Unacked, [.. _state.Consumers.Select(c => (((ConsumerLink)c.Link).Tag, c.Unacked))]));
                break;
            case QueueProtocol.Delete delete:
                Delete(delete);
                break;
            case QueueTimers.ExpiryDue:
                _goesOn = false;
                DeliverAll();
                _timers.ExpiryPassed(_state);
                break;
            case QueueTimers.IdleDue when _timers.IsIdle(_state):
                End(null);
                break;
            case QueueTimers.IdleDue:
                _timers.StillUsed(_state);
                break;
            case QueueTimers.HandoverDue:
                _state.EndHandover();
                DeliverAll();
                break;
            case QueueTimers.Sweep:
                _timers.SweepDone(_state);
                break;
            case GroupProtocol.Loaded loaded:
                _stored!.Loaded(loaded, _timers.Now, Context.System.Scheduler.Now.ToUnixTimeMilliseconds(), _log);
                HeadIsThere();
                break;
            case GroupProtocol.Marked marked:
                _stored!.Marked(marked);
                HeadIsThere();
                break;
            case QueueLog.GetsOverdue:
                _stored!.RefuseGets();
                break;
            case GroupProtocol.Rest:
                Sender.Tell(new GroupProtocol.AtRest(_handle, _stored!.MarkAtRest()));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>What came back counts again: a full queue drops its head, and the overdue go to nobody.</summary>
    private void DeliverReturned() => DeliverAll();

    /// <summary>One delivery round: a batch to each consumer that got something; then what left by a rule goes its way.</summary>
    private void DeliverAll()
    {
        if (Unburden())
        {
            _state.Deliver(_touched);
        }
        else
        {
            GoOn();
        }

        foreach (var consumer in _touched)
        {
            var (first, count, bytes) = (consumer.BatchFirst, consumer.BatchCount, consumer.BatchBytes);
            var link = (ConsumerLink)consumer.Link;
            link.Actor.Tell(new ConsumerProtocol.DeliveryBatch(consumer.TakeBatch(), count, first, bytes));
        }

        _touched.Clear();
        PublishLeaving(MostAtOnce);
        if (_state.HasLeaving)
        {
            GoOn();
        }
    }

    private sealed class Producer(
        QueueHandle handle, IActorRef topology, VirtualHost host, StoredContents contents, ResidentMemory resident) : IIndirectActorProducer
    {
        public Type ActorType => typeof(QueueActor);

        public ActorBase Produce() => new QueueActor(handle, topology, host, contents, resident);

        public void Release(ActorBase actor)
        {
        }
    }
}
