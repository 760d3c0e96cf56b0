using Akka.Event;

namespace ActorBroker.QueueGroups;

/// <content>Events of the log that are not what was written.</content>
internal sealed partial class QueueGroupActor
{
    /// <summary>The log is read: the group goes to work, unless something of it must be set aside before.</summary>
    private void Recovered()
    {
        if (_recovery.Damaged.Count > 0)
        {
            _damage.SetAside(_recovery.Damaged);
            return;
        }

        Begin();
    }

    private void Begin()
    {
        _index = _recovery.Index;
        _upkeep = new GroupUpkeep(_logId, _events, Self, _host.System, _recovery.Covered);
        Become(OnReceive);
        Stash.UnstashAll();
    }

    /// <summary>A snapshot at once: no later start shall meet the damage again, and forget what was learned since.</summary>
    private void GoOnWithout(GroupDamage.IsSetAside aside)
    {
        _damage.Heard();
        if (aside.Fault is { } fault)
        {
            throw fault;
        }

        _damage.SayAtStart(aside.Events);
        Begin();
        _upkeep.Snapshot(_index);
    }

    private void TakeOut(GroupDamage.IsSetAside aside)
    {
        _damage.Heard();
        var queue = aside.Read!.Queue;
        queue.IsReading = false;
        if (aside.Fault is { } fault)
        {
            _log.Warning(fault, "{0}: damaged events could not be set aside; tried again in a second", _logId);
            _reader.TryLater(queue);
        }
        else if (!queue.IsRemoved && _damage.TakeOut(aside, _index, _batcher))
        {
            _reader.ServeAfterCommit(queue);
            Plan(_pace.Next());
        }
        else
        {
            _reader.Serve(queue, _index);
        }
    }
}
