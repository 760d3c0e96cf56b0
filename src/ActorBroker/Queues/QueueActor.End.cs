using ActorBroker.Amqp;
using ActorBroker.Consumers;
using ActorBroker.Core.Messages;
using ActorBroker.Publishing;
using ActorBroker.QueueGroups;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <content>The queue's end, and what it answers afterwards.</content>
internal sealed partial class QueueActor
{
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

    /// <summary>The queue is no more: the topology takes it off the tables and tells its consumers, late batches are answered.</summary>
    private void End(Reply<int>? reply)
    {
        var messages = _state.Ready;
        IActorRef[] consumers = [.. _state.Consumers.Select(c => ((ConsumerLink)c.Link).Actor)];
        _state.ApplyPurged();
        foreach (var get in _stored?.TakeGets() ?? [])
        {
            get.Refuse(Missing());
        }

        _stored?.End();
        _timers.Dispose();
        _topology.Tell(new TopologyProtocol.QueueEnded(_handle, messages, consumers, reply));
        _ended = _handle.HasEnded = true;
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
            case QueueProtocol.Settle settle:
                settle.FreePlaces();
                settle.Confirm?.Done();
                break;
            case IAwaited request:
                request.Refuse(Missing());
                break;
            case GroupProtocol.Rest:
                Sender.Tell(new GroupProtocol.AtRest(_handle, IsClean: true));
                break;
            case ReceiveTimeout:
                Context.Stop(Self);
                break;
        }

        return true;
    }

    private ChannelException Missing() => new(ReplyCode.NotFound, $"no {_handle.Description}");
}
