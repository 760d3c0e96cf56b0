using Akka.Actor;

namespace ActorBroker.Queues;

/// <content>What leaves by a rule, in turns.</content>
internal sealed partial class QueueActor
{
    /// <summary>
    /// Messages that expire, overflow or are dead-lettered in one turn: about a millisecond. A million whose time is up at once must not
    /// hold the thread, which may be the one of a socket.
    /// </summary>
    private const int MostAtOnce = 512;

    private bool _goesOn; // it has told itself to

    /// <summary>The timer may be late by a tick, and what came back may be overdue: nobody gets such a message.</summary>
    private void ExpireOverdue(int most)
    {
        if (_state.NextExpiry is not null)
        {
            _state.Expire(_timers.Now, most);
            _timers.Enqueued(_state);
        }
    }

    /// <summary>Lets go of what nobody is to get any more, as much as one turn may.</summary>
    /// <returns>False when that is not all: nobody gets anything before the rest is gone.</returns>
    private bool Unburden()
    {
        ExpireOverdue(MostAtOnce);
        _state.DropOverflow(MostAtOnce);
        return !_state.IsOverflowing && !(_state.NextExpiry <= _timers.Now);
    }

    private void GoOn()
    {
        if (!_goesOn)
        {
            _goesOn = true;
            Self.Tell(QueueTimers.ExpiryDue.Instance);
        }
    }

    private void PublishLeaving(int most)
    {
        if (_state.HasLeaving)
        {
            _state.TakeLeaving(_leaving, most);
            _deadLetters.Publish(_handle, _leaving, Context.System.Scheduler.Now, _log);
            _leaving.Clear();
        }
    }
}
