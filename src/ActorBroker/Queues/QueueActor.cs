using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;
using ActorBroker.Publishing;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Queues;

/// <summary>
/// One queue as an actor: a thin shell over <see cref="QueueState"/>. Decide, apply, then tell the world.
/// </summary>
/// <remarks>
/// Life: started when the queue is declared; ends by <see cref="QueueProtocol.Delete"/> and then stays for a while as a tombstone
/// that answers late batches, so that no publisher waits for ever. A fault in one message refuses that message and keeps the state.
/// </remarks>
public sealed class QueueActor : UntypedActor
{
    private static readonly TimeSpan TombstoneLife = TimeSpan.FromMinutes(1);

    private readonly QueueHandle _handle;
    private readonly QueueState _state;
    private readonly IActorRef _topology;
    private readonly DeadLetterPublisher _deadLetters;
    private readonly QueueTimers _timers;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<QueueConsumer> _touched = [];
    private readonly List<Leaving> _leaving = [];

    /// <summary>The actor of <paramref name="handle"/>.</summary>
    public QueueActor(QueueHandle handle, IActorRef topology, DeadLetterPublisher deadLetters)
    {
        _handle = handle;
        _topology = topology;
        _deadLetters = deadLetters;
        _state = new QueueState(handle.Definition.Arguments.Limits);
        _timers = new QueueTimers(Context.System.Scheduler, Self, handle.Definition.Arguments);
    }

    /// <summary>How to start it.</summary>
    public static Props Props(QueueHandle handle, IActorRef topology, DeadLetterPublisher deadLetters) =>
        Akka.Actor.Props.Create(() => new QueueActor(handle, topology, deadLetters)).WithDispatcher(Broker.HotDispatcher);

    /// <inheritdoc/>
    protected override void PreStart() => _timers.Used(_state);

    /// <inheritdoc/>
    protected override void PostStop() => _timers.Dispose();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
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
            (message as EnqueueBatch)?.Abandon();
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
            case QueueProtocol.Subscribe subscribe:
                Subscribe(subscribe.Consumer);
                break;
            case QueueProtocol.Cancel cancel:
                _state.ApplyCancelled(cancel.Consumer.State);
                cancel.Consumer.Actor.Tell(QueueProtocol.Cancelled.Instance);
                AfterConsumersLeft();
                break;
            case QueueProtocol.ChannelGone gone:
                ChannelGone(gone);
                break;
            case QueueProtocol.Get get:
                Get(get);
                break;
            case QueueProtocol.Purge purge:
                purge.Reply.Succeed(_state.ApplyPurged());
                break;
            case QueueProtocol.Inspect inspect:
                _timers.Used(_state);
                inspect.For.Reply.Succeed(new QueueProtocol.QueueCounts(_handle.Name, _state.Ready, _state.Unacked, _state.ConsumerCount));
                break;
            case QueueProtocol.Delete delete:
                Delete(delete);
                break;
            case QueueTimers.ExpiryDue:
                _state.Expire(_timers.Now);
                DeliverAll();
                _timers.ExpiryPassed(_state);
                break;
            case QueueTimers.IdleDue when _timers.IsIdle(_state):
                End(null);
                break;
            case QueueTimers.IdleDue:
                _timers.StillUsed(_state);
                break;
            case QueueTimers.Sweep:
                _timers.SweepDone(_state);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Enqueue(EnqueueBatch batch)
    {
        if (_state.TakesWholeBatches && !batch.HasExpirations)
        {
            _state.ApplyEnqueued(batch.Messages);
        }
        else
        {
            EnqueueOneByOne(batch);
        }

        batch.Answer();
        DeliverAll();
        _timers.Enqueued(_state);
    }

    /// <summary>Each message may be refused, expire at once, or push another one out: the rules look at one after the other.</summary>
    private void EnqueueOneByOne(EnqueueBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (TryEnqueue(batch.Messages[i]))
            {
                _state.Deliver(_touched);
                _state.Expire(_timers.Now);
                _state.DropOverflow();
            }
            else
            {
                batch.Confirm?.Nack(batch.TagOf(i));
            }
        }
    }

    /// <returns>False when the queue is full, or the message is not what it says.</returns>
    private bool TryEnqueue(in Message message)
    {
        try
        {
            if (_state.DecideEnqueue(message))
            {
                _state.ApplyEnqueued(message, _timers.Now);
                return true;
            }
        }
        catch (AmqpException malformed)
        {
            _log.Error(malformed, "{0}: a malformed message was refused", _handle.Description);
            message.Release();
            return false;
        }

        _state.ApplyRefused(message);
        return false;
    }

    private void Settle(QueueProtocol.Settle settle)
    {
        foreach (var (consumer, from, to, outcome) in settle.Ranges)
        {
            _state.ApplySettled(consumer.State, from, to, outcome);
        }

        DeliverReturned();
    }

    /// <summary>What came back counts again: a full queue drops its head, and the overdue go to nobody.</summary>
    private void DeliverReturned()
    {
        ExpireOverdue();
        _state.DropOverflow();
        DeliverAll();
    }

    /// <summary>The timer may be late by a tick, and what came back may be overdue: nobody gets such a message.</summary>
    private void ExpireOverdue()
    {
        if (_state.NextExpiry is not null)
        {
            _state.Expire(_timers.Now);
            _timers.Enqueued(_state);
        }
    }

    private void Subscribe(ConsumerLink consumer)
    {
        try
        {
            _state.DecideSubscribe(consumer.State, _handle.Description);
        }
        catch (ChannelException refusal)
        {
            consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(refusal));
            return;
        }

        _state.ApplySubscribed(consumer.State);
        _timers.Used(_state);
        consumer.Actor.Tell(QueueProtocol.Subscribed.Instance);
        DeliverAll();
    }

    private void ChannelGone(QueueProtocol.ChannelGone gone)
    {
        _state.ApplyGone(Array.ConvertAll(gone.Consumers, c => c.State));
        DeliverReturned();
        AfterConsumersLeft();
    }

    private void Get(QueueProtocol.Get get)
    {
        _timers.Used(_state);
        ExpireOverdue();
        var found = _state.TryGet(get.Holder.State, out var message, out var number);
        get.Reply.Succeed(new QueueProtocol.GetResult(found, message, number, _state.Ready));
    }

    private void Delete(QueueProtocol.Delete delete)
    {
        if (delete.IfUnused && _state.ConsumerCount > 0)
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, $"{_handle.Description} in use", (50u << 16) | 40);
        }

        if (delete.IfEmpty && _state.Ready > 0)
        {
            throw new ChannelException(ReplyCode.PreconditionFailed, $"{_handle.Description} not empty", (50u << 16) | 40);
        }

        End(delete.Reply);
    }

    private void AfterConsumersLeft()
    {
        _timers.Used(_state);
        if (_handle.Definition.AutoDelete && _state.WasConsumed && _state.ConsumerCount == 0)
        {
            End(null);
        }
        else
        {
            DeliverAll(); // the rest may have a new active consumer
        }
    }

    /// <summary>The queue is no more: its consumers hear it, the topology takes it off the tables, late batches are answered.</summary>
    private void End(Reply<int>? reply)
    {
        var messages = _state.Ready;
        foreach (var consumer in _state.Consumers)
        {
            ((ConsumerLink)consumer.Link).Actor.Tell(QueueProtocol.QueueGone.Instance);
        }

        _state.ApplyPurged();
        _timers.Dispose();
        _topology.Tell(new TopologyProtocol.QueueEnded(_handle, messages, reply));
        Become(Tombstone);
        Context.SetReceiveTimeout(TombstoneLife);
    }

    private bool Tombstone(object message)
    {
        switch (message)
        {
            case EnqueueBatch batch: // as good as unroutable: its publisher is confirmed
                MessageRun.Release(batch.Messages);
                batch.Answer();
                break;
            case QueueProtocol.Subscribe subscribe:
                subscribe.Consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(Missing()));
                break;
            case QueueProtocol.Cancel cancel:
                cancel.Consumer.Actor.Tell(QueueProtocol.Cancelled.Instance);
                break;
            case QueueProtocol.Inspect inspect: // declared while it ended: the topology has heard of that end by now
                _topology.Tell(inspect.For);
                break;
            case QueueProtocol.Delete delete:
                delete.Reply?.Succeed(0);
                break;
            case IAwaited request:
                request.Refuse(Missing());
                break;
            case ReceiveTimeout:
                Context.Stop(Self);
                break;
        }

        return true;
    }

    private ChannelException Missing() => new(ReplyCode.NotFound, $"no {_handle.Description}");

    /// <summary>One delivery round: a batch to each consumer that got something; then what left by a rule goes its way.</summary>
    private void DeliverAll()
    {
        ExpireOverdue();
        _state.Deliver(_touched);
        foreach (var consumer in _touched)
        {
            var (first, count, bytes) = (consumer.BatchFirst, consumer.BatchCount, consumer.BatchBytes);
            var link = (ConsumerLink)consumer.Link;
            link.Actor.Tell(new ConsumerProtocol.DeliveryBatch(consumer.TakeBatch(), count, first, bytes));
        }

        _touched.Clear();
        if (_state.HasLeaving)
        {
            _state.TakeLeaving(_leaving);
            _deadLetters.Publish(_handle, _leaving, Context.System.Scheduler.Now, _log);
            _leaving.Clear();
        }
    }
}
