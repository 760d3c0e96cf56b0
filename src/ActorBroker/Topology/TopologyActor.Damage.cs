using ActorBroker.Core.Topology;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Topology;

/// <content>Events of the log that are not what was written.</content>
internal sealed partial class TopologyActor
{
    private const long UidsAPart = 1 << 20;

    /// <summary>
    /// A queue, a binding or a right that nobody knows of would make more messages go astray: what is published to it is confirmed and lost,
    /// and what its log holds is deleted with a queue that nobody has deleted. So it is for people to decide.
    /// </summary>
    /// <exception cref="TopologyFormatException">They have not decided to go on without it.</exception>
    private void LeaveOut(DamagedEvent @event, Exception damage)
    {
        if (BrokerSystem.StoreOf(Context.System) is not { Settings.AcceptDataLoss: true })
        {
            throw new TopologyFormatException(
                $"event {@event.SequenceNr} of the log of the topology cannot be used ({@event.Problem}). What it declared, bound, deleted or allowed is "
                + "not known, so the broker does not start, and nothing was changed. Restore a backup of the store; or start once with "
                + $"{StoreSettings.AcceptDataLossPath} = on (--accept-data-loss of the server), which leaves the event out: a queue that it declared is "
                + "gone with its messages, and rights are those from before it",
                damage);
        }

        _leftOut.Add(@event);
    }

    /// <summary>A copy of what is left out is kept; what comes meanwhile waits.</summary>
    private void SetAside() => SetAsideEvents.KeepAsync(BrokerSystem.StoreOf(Context.System)!, TopologyCommits.LogName, [.. _leftOut]).PipeTo(
        Self, ActorRefs.NoSender, () => new IsSetAside(null), fault => new IsSetAside(fault));

    private void StartWithout(IsSetAside aside)
    {
        if (aside.Fault is { } fault)
        {
            throw fault;
        }

        foreach (var (sequenceNr, problem) in _leftOut)
        {
            _log.Error(
                "event {0} of the log of the topology was left out, since {1} is on ({2}). It was set aside in table {3} of the store. Look whether "
                + "all virtual hosts, exchanges, queues, bindings, users and permissions are there",
                sequenceNr, StoreSettings.AcceptDataLossPath, problem, SetAsideEvents.Table);
        }

        _replayed = TopologyCommits.SnapshotEvery; // a snapshot with the first write: the next start shall not meet the damage again
        Start();
    }

    /// <summary>The numbers of queues that were left out are not given to others, who would get their messages.</summary>
    private void PassOverUids(TopologyCommits commits)
    {
        if (_leftOut.Count > 0)
        {
            commits.Apply([new TopologyEvents.UidsUsed(_state.HighestUid + UidsAPart)]);
        }
    }

    /// <summary>Copies of what is left out are kept, or could not be.</summary>
    private sealed record IsSetAside(Exception? Fault) : INoSerializationVerificationNeeded;
}
