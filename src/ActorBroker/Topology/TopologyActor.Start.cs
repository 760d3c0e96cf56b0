using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Topology;
using ActorBroker.Journal;
using ActorBroker.Stores;
using ActorBroker.VirtualHosts;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Topology;

/// <content>From the log to virtual hosts that can be used.</content>
internal sealed partial class TopologyActor
{
    private IActorRef? _store;
    private readonly List<DamagedEvent> _leftOut = [];
    private int _replayed;
    private long _last; // number of the log's last event
    private readonly LogPlaces _places = new(TopologyCommits.LogName);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        if (_logProps is { } props)
        {
            _store = Context.ActorOf(props(Self), "log");
        }
        else
        {
            Guarded(Start);
        }
    }

    private TopologyState NewState() => new(
        _broker.Settings.StrictDurabilityBinding, new ConfiguredTopology(_broker.Settings.VirtualHosts, _broker.Settings.Users));

    /// <returns>False when it is nothing that a log says.</returns>
    private bool HandleLog(object message)
    {
        switch (message)
        {
            case LogProtocol.RecoveryStarted when _commits is null:
                (_state, _replayed) = (NewState(), 0);
                _leftOut.Clear();
                break;
            case LogProtocol.SnapshotOffered m when _commits is null:
                Guarded(() => Recover(m.State));
                break;
            case LogProtocol.Replayed m when _commits is null:
                _replayed++;
                Guarded(() => Recover(m));
                break;
            case LogProtocol.Recovered m when _commits is null:
                _last = m.SequenceNr;
                if (_leftOut.Count > 0)
                {
                    SetAside();
                }
                else
                {
                    Guarded(Start);
                }

                break;
            case IsSetAside m:
                Guarded(() => StartWithout(m));
                break;
            case LogProtocol.Written m:
                _commits?.Written(m.SequenceNr);
                break;
            case LogProtocol.SnapshotSaved m:
                _commits?.SnapshotSaved(m.SequenceNr);
                break;
            case LogProtocol.MaintenanceFailed:
                _commits?.MaintenanceFailed();
                break;
            case LogProtocol.Ended m:
                Fenced(m.Reason);
                break;
            case LogProtocol.RecoveryStarted or LogProtocol.SnapshotOffered or LogProtocol.Replayed or LogProtocol.Recovered or LogProtocol.Deleted:
                break;
            default:
                return false;
        }

        return true;
    }

    private void Recover(StoredEvent snapshot)
    {
        if (snapshot.Manifest is not (TopologyCodec.SnapshotManifest or TopologyCodec.OldSnapshotManifest))
        {
            throw Unknown(snapshot.Manifest);
        }

        foreach (var fact in TopologyCodec.DecodeSnapshot(snapshot.Bytes, snapshot.Manifest))
        {
            _state.Apply(fact);
        }
    }

    private void Recover(LogProtocol.Replayed replayed)
    {
        if (replayed.Event.Manifest is not (TopologyCodec.EventManifest or TopologyCodec.OldEventManifest))
        {
            throw Unknown(replayed.Event.Manifest);
        }

        try
        {
            _state.Apply(TopologyCodec.Decode(replayed.Event.Bytes, replayed.Event.Manifest, _places[replayed.SequenceNr]));
        }
        catch (Exception damage)
        {
            LeaveOut(new DamagedEvent(replayed.SequenceNr, damage.Message), damage);
        }
    }

    private static TopologyFormatException Unknown(string manifest) =>
        new($"the log of the topology holds '{manifest}', which this version of the broker does not know: a newer version wrote it, or it is damaged. "
            + "Run that version, or restore a backup of the store");

    /// <summary>What was recovered is shown and not written again; what configuration adds is both.</summary>
    private void Start()
    {
        var recovered = _state.VirtualHosts.ToList();
        var added = _broker.Settings.VirtualHosts.Except(recovered).ToList();
        var visible = new Completion(recovered.Count + added.Count + 1, () => _started.Succeed(true));
        _commits = new TopologyCommits(_state, _store, _replayed, _last, _log);
        FixQueueGroups(_commits);
        PassOverUids(_commits);
        foreach (var name in recovered)
        {
            StartHost(name);
            Show(name, [.. _state.FactsOf(name)], visible.Done);
        }

        foreach (var name in added)
        {
            var events = _state.DecideVirtualHostAdd(name);
            _commits.Apply(events);
            _commits.Then(() =>
            {
                StartHost(name);
                Show(name, events, visible.Done);
            });
        }

        _broker.UsersChanged(_state.Users);
        ReportLostPermissions();
        _commits.Then(visible.Done);
        _early.ForEach(message => Decide(message, _commits));
        _early.Clear();
        _commits.Flush();
    }

    private void FixQueueGroups(TopologyCommits commits)
    {
        if (_state.QueueGroups is { } groups)
        {
            var asked = BrokerSystem.StoreOf(Context.System)?.Settings.QueueGroups ?? _broker.QueueGroups;
            if (groups != asked)
            {
                _log.Warning("the store was created with {0} queue groups and keeps them; the setting of {1} has no effect on it", groups, asked);
            }

            _broker.QueueGroups = groups;
        }
        else if (_store is not null)
        {
            commits.Apply([new TopologyEvents.StoreCreated(_broker.QueueGroups)]);
        }
    }

    /// <summary>Expressions that an earlier version took and this one refuses allow nothing: their users must hear why.</summary>
    private void ReportLostPermissions()
    {
        foreach (var user in _state.Users.Values)
        {
            foreach (var (host, permissions) in user.Permissions.Where(p => p.Value.Problem is not null))
            {
                _log.Error(
                    "user '{0}' may do nothing in vhost '{1}' until set-permissions gives it other ones: {2}",
                    user.Name, host, permissions.Problem);
            }
        }
    }

    private void StartHost(string name)
    {
        var host = new VirtualHost(name);
        _broker.Add(host);
        _hosts[name] = (host, Context.ActorOf(VirtualHostActor.Props(host, _broker.GroupOf, Self)));
    }

    private void Fenced(string reason)
    {
        _log.Error("CRITICAL: the topology cannot be changed any more, and this broker must be stopped: {0}", reason);
        _commits?.Fence(reason);
        _broker.Failed($"the topology cannot be changed any more: {reason}");
        _started.Fail(new IOException(reason));
    }

    /// <summary>A start that fails is told to whoever starts the broker.</summary>
    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (Exception fault)
        {
            _log.Error(fault, "the topology could not be read, so the broker does not start");
            _started.Fail(new IOException(fault.Message, fault));
            Context.Stop(Self);
        }
    }
}
