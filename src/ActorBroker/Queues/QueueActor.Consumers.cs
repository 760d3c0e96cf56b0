using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <content>Who takes messages, and what they did with them.</content>
internal sealed partial class QueueActor
{
    private void Settle(QueueProtocol.Settle settle)
    {
        var goesOn = false; // somebody who was cancelled still works
        foreach (var (consumer, from, to, outcome) in settle.Ranges)
        {
            if (Find(consumer) is { } known) // else it is ready again
            {
                goesOn |= _state.ApplySettled(known, from, to, outcome) > 0 && known.Cancelled;
            }
        }

        settle.FreePlaces(); // not sooner: what comes back goes out before what follows it
        if (goesOn && _state.IsHandingOver)
        {
            _timers.Left(_state);
        }

        if (settle.Confirm is not null && _stored is null)
        {
            settle.Confirm.Done();
        }
        else if (settle.Confirm is not null)
        {
            _stored!.Settled(settle.Confirm);
        }

        DeliverReturned();
    }

    private void Subscribe(ConsumerLink consumer)
    {
        if (consumer.IsGone)
        {
            consumer.Actor.Tell(QueueProtocol.QueueGone.Instance);
            return;
        }

        if (consumer.Endpoint.IsClosed)
        {
            consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(Missing())); // its channel may have said before that it is gone
            return;
        }

        var known = Meet(consumer);
        try
        {
            _state.DecideSubscribe(known, _handle.Description);
        }
        catch (ChannelException refusal)
        {
            consumer.Actor.Tell(new QueueProtocol.SubscribeRefused(refusal));
            return;
        }

        _state.ApplySubscribed(known);
        _timers.Used(_state);
        consumer.Actor.Tell(QueueProtocol.Subscribed.Instance);
        DeliverAll();
    }

    private void Cancel(QueueProtocol.Cancel cancel)
    {
        var link = cancel.Consumer;
        if (Find(link) is not { } consumer)
        {
            link.IsGone = true;
            link.Actor.Tell(QueueProtocol.Cancelled.Instance);
            return;
        }

        _state.ApplyCancelled(consumer);
        if (cancel.Begun is { } begun)
        {
            _state.ApplyReturned(consumer, begun);
            DeliverReturned();
        }

        _timers.Left(_state);
        link.Actor.Tell(QueueProtocol.Cancelled.Instance);
        AfterConsumersLeft();
    }

    private void ChannelGone(QueueProtocol.ChannelGone gone)
    {
        _stored?.Forget(gone);
        foreach (var consumer in gone.Consumers)
        {
            consumer.IsGone |= Find(consumer) is null;
        }

        _state.ApplyGone([.. gone.Consumers.Select(Find).OfType<QueueConsumer>()]);
        DeliverReturned();
        AfterConsumersLeft();
    }

    private void PlaceKept(ConsumerLink consumer)
    {
        try
        {
            DeliverAll();
        }
        finally
        {
            ConsumerLink.Wake(consumer.Gate!.Decline(consumer)); // no message for it, or no room: the next one's turn
        }
    }

    private void Get(QueueProtocol.Get get)
    {
        if (get.Getter.Endpoint.IsClosed)
        {
            get.Refuse(Missing()); // nobody takes it
            return;
        }

        _timers.Used(_state);
        ExpireOverdue(int.MaxValue); // a get is answered in its turn, whatever went before: its channel may be gone in the next
        if (_stored?.MustWait(get) == true)
        {
            return;
        }

        var found = _state.TryGet(Meet(get.Getter), out var message, out var number);
        get.Reply.Succeed(new QueueProtocol.GetResult(found, message, number, _state.Ready));
    }

    /// <summary>The queue's record of one who has come to it; null when he has not, or came before the queue began anew.</summary>
    private QueueConsumer? Find(ConsumerLink link) => link.InQueue is { } known && known.Queue == _state ? known : null;

    /// <summary>The same for one who comes now, by basic.consume or his first basic.get.</summary>
    private QueueConsumer Meet(ConsumerLink link)
    {
        if (Find(link) is { } known)
        {
            return known;
        }

        link.InQueue ??= new QueueConsumer
        {
            Link = link,
            NoAck = link.NoAck,
            GetsOnly = link.GetsOnly,
            Prefetch = link.Prefetch,
            Priority = link.Priority,
            Exclusive = link.Exclusive,
            Window = link.Window,
            Gate = link.Gate,
        };
        link.InQueue.ComeTo(_state);
        return link.InQueue;
    }
}
