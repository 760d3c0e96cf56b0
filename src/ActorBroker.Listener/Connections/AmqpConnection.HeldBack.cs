using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <content>While its socket is not read.</content>
internal sealed partial class AmqpConnection
{
    /// <summary>The socket is read again, so that nobody need look after the client.</summary>
    /// <returns>False when it is not, or once more not.</returns>
    public bool NeedsNoWatch()
    {
        if (_waits || Outbox.IsAwaited)
        {
            return false;
        }

        Interlocked.Exchange(ref _watched, 0);
        return !(_waits || Outbox.IsAwaited) || Interlocked.Exchange(ref _watched, 1) != 0;
    }

    /// <summary>
    /// The client sends faster than queues take, does not take its answers, or memory is short: its socket is not read until that is over.
    /// </summary>
    private async ValueTask HoldBack()
    {
        _waits = true;
        WatchHeldBack();
        await Outbox.WhenRoom().ConfigureAwait(false); // the client's doing: its heartbeats count meanwhile
        IsHeldBack = true;
        await _held.WhenRoom(_closed).ConfigureAwait(false);
        await _inFlight.WhenRoom(_closed).ConfigureAwait(false);
        if (_published && Broker.Alarms.IsOn)
        {
            AlarmChanged();
            await Broker.Alarms.WhenOff().WaitAsync(_closed).ConfigureAwait(false);
        }

        IsHeldBack = false;
        _waits = false;
    }

    private void WatchHeldBack()
    {
        if (Interlocked.Exchange(ref _watched, 1) == 0)
        {
            Actor.Tell(ConnectionProtocol.HeldBack.Instance, ActorRefs.NoSender);
        }
    }
}
