using ActorBroker.Core.Journal;
using ActorBroker.Core.Topology;
using ActorBroker.Journal;
using ActorBroker.QueueGroups;
using ActorBroker.Stores;

namespace ActorBroker.Checks;

/// <summary>Reads one log as a start would, and all of what a start would not read.</summary>
internal sealed class LogCheck(string log)
{
    private readonly LogPlaces _places = new(log);
    private readonly List<string> _problems = [];
    private readonly HashSet<long> _sound = [];
    private readonly HashSet<long> _damaged = [];
    private readonly GroupRecovery? _group = log.StartsWith("log-", StringComparison.Ordinal) ? new GroupRecovery(log) : null;
    private long _first;
    private long _before;
    private long _events;
    private long _bytes;
    private long _snapshot;
    private int _damagedSnapshots;
    private bool _canRecover = true;

    /// <summary>A snapshot, from the newest on.</summary>
    public void Snapshot(long number, string? manifest, byte[] bytes)
    {
        var stored = new StoredEvent(manifest ?? "", bytes);
        var newest = _snapshot == 0 ? _group : new GroupRecovery(log);
        var problem = _group is null ? TopologyProblem(stored, isSnapshot: true, 0) : Recover(() => newest!.Take(new LogProtocol.SnapshotOffered(number, stored)));
        if (problem is not null)
        {
            _problems.Add($"{log}: the snapshot at {number} cannot be used ({problem})");
            _damagedSnapshots++;
        }

        _snapshot = _before = Math.Max(_snapshot, number);
    }

    /// <summary>An event that is not deleted, ascending.</summary>
    public void Event(long number, string? manifest, byte[] bytes)
    {
        var stored = new StoredEvent(manifest ?? "", bytes);
        _first = _events == 0 ? number : _first;
        _events++;
        _bytes += bytes.Length;
        var problem = _group is null ? TopologyProblem(stored, isSnapshot: false, _places[number]) : DamagedEvent.In(_places, [(number, stored)]).Select(d => d.Problem).FirstOrDefault();
        (problem is null ? _sound : _damaged).Add(number);
        if (problem is not null)
        {
            _problems.Add($"{log}: event {number} is damaged ({problem})");
        }

        if (number <= _snapshot)
        {
            return;
        }

        Follows(number - 1);
        _before = number;
        if (_canRecover && _group is not null && Recover(() => _group.Take(new LogProtocol.Replayed(number, stored))) is { } fault)
        {
            _canRecover = false;
            _problems.Add($"{log}: event {number}: {fault}");
        }
    }

    /// <summary>All was read.</summary>
    /// <param name="last">Number of the last event, also when it is deleted.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public LogReport End(long last, List<string> problems)
    {
        Follows(last);
        if (_canRecover)
        {
            foreach (var (number, count) in _group?.Index.LiveEvents() ?? [])
            {
                if (!_sound.Contains(number))
                {
                    _problems.Add($"{log}: {count} messages that wait are in event {number}, which is {(_damaged.Contains(number) ? "damaged" : "missing")}");
                }
            }
        }

        problems.AddRange(_problems);
        return new LogReport(log, _first, last, _events, _bytes, _snapshot, _damaged.Count + _damagedSnapshots);
    }

    private void Follows(long before)
    {
        if (before > _before)
        {
            _problems.Add($"{log}: events {_before + 1} to {before} are missing, and no snapshot covers them");
            _canRecover = false;
        }
    }

    private static string? Recover(Action step)
    {
        try
        {
            step();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static string? TopologyProblem(StoredEvent stored, bool isSnapshot, long place)
    {
        try
        {
            if (isSnapshot && stored.Manifest is TopologyCodec.SnapshotManifest or TopologyCodec.OldSnapshotManifest)
            {
                TopologyCodec.DecodeSnapshot(stored.Bytes, stored.Manifest);
            }
            else if (!isSnapshot && stored.Manifest is TopologyCodec.EventManifest or TopologyCodec.OldEventManifest)
            {
                TopologyCodec.Decode(stored.Bytes, stored.Manifest, place);
            }
            else
            {
                return $"its manifest is '{stored.Manifest}'";
            }

            return null;
        }
        catch (TopologyFormatException e)
        {
            return e.Message;
        }
    }
}
