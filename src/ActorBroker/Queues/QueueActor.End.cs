using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Publishing;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <content>The queue's end, and what it answers afterwards.</content>
internal sealed partial class QueueActor
{
    private readonly List<EnqueueBatch> _sentOn = []; // not answered before the end is committed: a crash would undo it
    private readonly List<QueueProtocol.Delete> _deletes = [];
    private IDetour? _late; // where late batches go; null when the end cannot be written
    private bool _removed;

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
            _stored?.ConsumersLeft();
            DeliverAll(); // the rest may have a new active consumer
        }
    }

    /// <summary>The queue is no more: the topology takes it off the tables and tells its consumers, late batches are sent on.</summary>
    private void End(Reply<int>? reply)
    {
        PublishLeaving(int.MaxValue); // what has left it before does not go with it
        var messages = _state.Ready;
        IActorRef[] consumers = [.. _state.Consumers.Select(c => ((ConsumerLink)c.Link).Actor)];
        _state.ApplyPurged();
        foreach (var get in _stored?.TakeGets() ?? [])
        {
            get.Refuse(Missing());
        }

        _stored?.End();
        _timers.Dispose();
        _topology.Tell(new QueueProtocol.Ended(_handle, messages, consumers, reply));
        _handle.HasEnded = true;
        BecomeTombstone();
    }

    private void BecomeTombstone()
    {
        _removed = _handle.Gone is not null;
        _late = _handle.Gone ?? Rerouting.WithoutNewer(_deadLetters.Host);
        Become(Tombstone);
    }

    private bool Tombstone(object message)
    {
        switch (message)
        {
            case EnqueueBatch batch:
                Late(batch);
                break;
            case QueueProtocol.Subscribe subscribe:
                subscribe.Consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(Missing()));
                break;
            case QueueProtocol.Cancel cancel:
                cancel.Consumer.Actor.Tell(QueueProtocol.Cancelled.Instance);
                break;
            case QueueProtocol.Inspect inspect when _late is null: // it is known for ever, as its end cannot be written
                inspect.Refuse(Missing());
                break;
            case QueueProtocol.Inspect inspect: // declared while it ended: the topology has heard of that end by now
                _topology.Tell(inspect.Declare);
                break;
            case QueueProtocol.Delete delete when !_removed && _late is not null:
                _deletes.Add(delete);
                break;
            case QueueProtocol.Delete delete:
                delete.Reply?.Succeed(0);
                break;
            case QueueProtocol.Settle settle:
                settle.FreePlaces();
                settle.Confirm?.Done();
                break;
            case QueueProtocol.PlaceKept kept:
                ConsumerLink.Wake(kept.Consumer.Gate!.Decline(kept.Consumer)); // its consumer hears of the end later
                break;
            case QueueProtocol.Removed removed:
                Removed(removed);
                break;
            case QueueProtocol.Last last:
                last.Host.Tell(new QueueProtocol.Drained(_handle));
                QueueTombstones.Add(Self, _handle); // what comes later is answered by LostMessagesActor
                Context.Stop(Self);
                break;
            case QueueProtocol.EndRefused refused:
                _late = null;
                RefuseWaiting(refused.Reason);
                break;
            case IAwaited request:
                request.Refuse(Missing());
                break;
            case GroupProtocol.Rest:
                Sender.Tell(new GroupProtocol.AtRest(_handle, 0));
                break;
        }

        return true;
    }

    /// <summary>It goes elsewhere at once, in the order in which it came; its publisher is confirmed when the end cannot be undone.</summary>
    private void Late(EnqueueBatch batch)
    {
        if (_late is null)
        {
            batch.Refuse();
            return;
        }

        _late.SendOn(batch);
        if (_removed)
        {
            batch.Answer();
        }
        else
        {
            _sentOn.Add(batch);
        }
    }

    private void Removed(QueueProtocol.Removed removed)
    {
        _removed = true;
        _late = _handle.Gone = new Rerouting(_deadLetters.Host, removed.Newest);
        foreach (var batch in _sentOn)
        {
            batch.Answer();
        }

        _sentOn.Clear();
        foreach (var delete in _deletes)
        {
            delete.Reply?.Succeed(0);
        }

        _deletes.Clear();
        Self.Tell(new QueueProtocol.Last(removed.Host)); // behind all that was sent before anybody could see that it is gone
    }

    private void RefuseWaiting(Exception reason)
    {
        foreach (var batch in _sentOn)
        {
            batch.Abandon();
        }

        _sentOn.Clear();
        foreach (var delete in _deletes)
        {
            delete.Refuse(reason);
        }

        _deletes.Clear();
    }

    private ChannelException Missing() => new(ReplyCode.NotFound, $"no {_handle.Description}");
}
