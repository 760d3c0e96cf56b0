using ActorBroker.Addresses;
using ActorBroker.Amqp;
using Akka.Event;

namespace ActorBroker.Queues;

/// <content>Messages come in.</content>
internal sealed partial class QueueActor
{
    private void Enqueue(EnqueueBatch batch)
    {
        var whole = _state.TakesWholeBatches && !batch.HasExpirations;
        if (whole && _stored is not null)
        {
            _stored.EnqueueWhole(batch);
        }
        else if (whole)
        {
            _state.ApplyEnqueued(batch.Messages);
            batch.Answer();
        }
        else
        {
            EnqueueOneByOne(batch);
            Hand(batch);
        }

        DeliverAll();
        _timers.Enqueued(_state);
    }

    /// <summary>Each message may be refused, expire at once, or push another one out: the rules look at one after the other.</summary>
    private void EnqueueOneByOne(EnqueueBatch batch)
    {
        var left = batch.Count + MostAtOnce; // each may push one out, and one may push out many
        for (var i = 0; i < batch.Count; i++)
        {
            if (TryEnqueue(batch, i))
            {
                if (!_goesOn)
                {
                    _state.Deliver(_touched);
                }

                left -= _state.Expire(_timers.Now, left);
                left -= _state.DropOverflow(left);
                if (left == 0)
                {
                    GoOn();
                }
            }
            else
            {
                batch.Confirm?.Nack(batch.TagOf(i));
            }
        }
    }

    /// <returns>False when the queue is full, or the message is not what it says.</returns>
    private bool TryEnqueue(EnqueueBatch batch, int index)
    {
        var message = batch.Messages[index];
        try
        {
            if (_state.DecideEnqueue(message))
            {
                if (_stored is null)
                {
                    _state.ApplyEnqueued(message, _timers.Now);
                }
                else
                {
                    _stored.EnqueueOne(batch, index, _timers.Now);
                }

                return true;
            }
        }
        catch (AmqpException malformed)
        {
            _log.Error(malformed, "{0}: a malformed message was refused", _handle.Description);
            _stored?.Undo(batch, index);
            message.Release();
            return false;
        }

        _state.ApplyRefused(message);
        return false;
    }

    private void Hand(EnqueueBatch batch)
    {
        if (_stored is null)
        {
            batch.Answer();
        }
        else
        {
            _stored.Hand(batch, batch.ToWrite);
        }
    }

    /// <summary>Messages may leave that could not before: who waited for them gets what he asked for.</summary>
    private void HeadIsThere()
    {
        foreach (var get in _stored!.TakeGets())
        {
            Get(get);
        }

        DeliverReturned();
        _timers.Enqueued(_state);
    }
}
