using ActorBroker.Addresses;
using ActorBroker.Core.Channels;
using Akka.Actor;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// Gathers what one channel settles between two flushes into one message for each queue. Finding the one of a queue costs the same however many
/// queues there are.
/// </summary>
internal sealed class OpenSettles
{
    private const int LinearLimit = 16;
    private const int LargeTable = 4096;

    private readonly List<QueueProtocol.Settle> _open = [];
    private readonly Dictionary<QueueHandle, QueueProtocol.Settle> _byQueue = new(ReferenceEqualityComparer.Instance); // when there are many
    private QueueProtocol.Settle? _last;

    /// <summary>Open settles that were compared so far: what finding one has cost.</summary>
    internal long Looks { get; private set; }

    /// <summary>Where verdicts for that queue belong.</summary>
    public QueueProtocol.Settle For(QueueHandle queue)
    {
        if (_last is { } last && last.Queue == queue)
        {
            return last;
        }

        if (Find(queue) is { } known)
        {
            return _last = known;
        }

        var settle = new QueueProtocol.Settle(queue);
        _open.Add(settle);
        return _last = settle;
    }

    /// <summary>A transaction waits for all of them.</summary>
    public void Await(ConfirmBatch written)
    {
        foreach (var settle in _open)
        {
            settle.Await(written);
        }
    }

    /// <summary>Tells each queue its verdicts, in one message.</summary>
    public void TellQueues()
    {
        foreach (var settle in _open)
        {
            settle.Queue.Actor.Tell(settle, ActorRefs.NoSender);
        }

        _last = null;
        _open.Clear();
        if (_byQueue.Count > 0)
        {
            _byQueue.Clear();
            if (_byQueue.Capacity > LargeTable)
            {
                _byQueue.TrimExcess(); // else each later turn would clear it
            }
        }
    }

    private QueueProtocol.Settle? Find(QueueHandle queue)
    {
        if (_open.Count <= LinearLimit)
        {
            foreach (var open in _open)
            {
                Looks++;
                if (open.Queue == queue)
                {
                    return open;
                }
            }

            return null;
        }

        for (var i = _byQueue.Count; i < _open.Count; i++)
        {
            Looks++;
            _byQueue.Add(_open[i].Queue, _open[i]);
        }

        return _byQueue.GetValueOrDefault(queue);
    }
}
