using ActorBroker.Amqp;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Topology;
using ActorBroker.Journal;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Topology;

/// <summary>
/// The order between deciding and telling. A decision counts at once for those that follow; the world hears of it when it and all
/// decisions before it are committed. While a write is under way decisions gather, for one write of them all. One that need not be
/// written, and has nothing to do with what waits, does not wait: transient queues come and go while the store stands still.
/// </summary>
/// <param name="state">What decisions change.</param>
/// <param name="store">The log, null without a store: then nothing waits.</param>
/// <param name="replayed">Events in the log that no snapshot covers.</param>
/// <param name="last">Number of the log's last event.</param>
/// <param name="log">Where faults are told.</param>
internal sealed class TopologyCommits(TopologyState state, IActorRef? store, int replayed, long last, ILoggingAdapter log)
{
    /// <summary>A snapshot is written after so many events: few enough to be read in a moment at a start.</summary>
    public const int SnapshotEvery = 1000;

    /// <summary>Name of the log of the topology.</summary>
    public const string LogName = "topology";

    private readonly LogPlaces _places = new(LogName);
    private List<ITopologyEvent> _events = [];
    private List<(Action Show, Action<Exception>? Refuse)> _gathered = [];
    private List<(Action Show, Action<Exception>? Refuse)>? _inFlight;
    private TopologyScope _gatheredScope = new();
    private TopologyScope _inFlightScope = new();
    private ConnectionException? _fenced;
    private byte[]? _snapshot;
    private long _last = last;
    private int _sinceSnapshot = replayed;
    private bool _saving;

    /// <summary>The events are facts for all decisions to come.</summary>
    /// <exception cref="ConnectionException">541: nothing can be written any more. Nothing has changed.</exception>
    public void Apply(IReadOnlyList<ITopologyEvent> events)
    {
        if (_fenced is not null && events.Any(e => e.Journaled))
        {
            throw _fenced;
        }

        foreach (var @event in events)
        {
            state.Apply(@event);
            if (store is not null && @event.Journaled)
            {
                _events.Add(@event);
            }
        }
    }

    /// <summary>True when the world sees of these names what was decided: nothing that concerns them waits.</summary>
    public bool IsShown(string host, IReadOnlyList<string> names) => !_gatheredScope.Touches(host, names) && !_inFlightScope.Touches(host, names);

    /// <summary>What the world is to see when all that was applied so far is committed.</summary>
    /// <param name="show">Runs then, in the actor's turn.</param>
    /// <param name="refuse">Runs instead when it never can be.</param>
    public void Then(Action show, Action<Exception>? refuse = null)
    {
        _gathered.Add((show, refuse));
        _gatheredScope.AddAll();
    }

    /// <summary>The same when it concerns some names only.</summary>
    public void Then(string host, IReadOnlyList<string> names, Action show, Action<Exception>? refuse)
    {
        _gathered.Add((show, refuse));
        _gatheredScope.Add(host, names);
    }

    /// <summary>At the end of a turn: writes what has gathered, or shows it when there is nothing to be written.</summary>
    public void Flush()
    {
        if (_inFlight is not null || _gathered.Count == 0)
        {
            return;
        }

        var (decisions, events) = (_gathered, _events);
        _gathered = [];
        if (events.Count == 0)
        {
            _gatheredScope.Clear();
            Show(decisions);
            return;
        }

        _events = [];
        _inFlight = decisions;
        (_gatheredScope, _inFlightScope) = (_inFlightScope, _gatheredScope);
        _sinceSnapshot += events.Count;
        if (_sinceSnapshot >= SnapshotEvery && !_saving)
        {
            _snapshot = TopologyCodec.EncodeSnapshot(state.JournaledFacts()); // just now the state is what these events lead to
        }

        store.Tell(new LogProtocol.Write(events.ConvertAll(e => new StoredEvent(TopologyCodec.EventManifest, TopologyCodec.Encode(e, _places[++_last])))));
    }

    /// <summary>The write is committed.</summary>
    public void Written(long sequenceNr)
    {
        if (_snapshot is { } snapshot)
        {
            (_snapshot, _sinceSnapshot, _saving) = (null, 0, true);
            store.Tell(new LogProtocol.SaveSnapshot(sequenceNr, new StoredEvent(TopologyCodec.SnapshotManifest, snapshot)));
        }

        var shown = _inFlight ?? [];
        _inFlight = null;
        _inFlightScope.Clear();
        Show(shown);
        Flush();
    }

    /// <summary>A snapshot is there: the events before it are no longer needed.</summary>
    public void SnapshotSaved(long sequenceNr)
    {
        _saving = false;
        store.Tell(new LogProtocol.Delete(sequenceNr));
    }

    /// <summary>The next snapshot tries again, when it is due.</summary>
    public void MaintenanceFailed() => _saving = false;

    /// <summary>Another process writes to the store: whoever waits is refused, and so is every change to come.</summary>
    public void Fence(string reason)
    {
        _fenced = new ConnectionException(ReplyCode.InternalError, $"the topology cannot be changed any more: {reason}");
        var waiting = (_inFlight ?? []).Concat(_gathered).ToList();
        (_events, _gathered, _inFlight) = ([], [], null);
        _gatheredScope.Clear();
        _inFlightScope.Clear();
        waiting.ForEach(w => w.Refuse?.Invoke(_fenced));
    }

    private void Show(List<(Action Show, Action<Exception>? Refuse)> decisions)
    {
        foreach (var (show, refuse) in decisions)
        {
            try
            {
                show();
            }
            catch (Exception fault)
            {
                log.Error(fault, "topology: a committed change could not be shown");
                refuse?.Invoke(new ConnectionException(ReplyCode.InternalError, fault.Message));
            }
        }
    }
}
