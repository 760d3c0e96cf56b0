using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>
/// Plays a history on a queue with a log, in the part of its shell, and on lists: what waits, what is held, what is in the log.
/// Compares after each step.
/// </summary>
internal sealed partial class DurableQueueHistory(QueueLimits limits)
{
    private const int MostMessages = 500;

    private readonly DyingSlab _slab = new();
    private readonly List<Entry> _ready = []; // in the order in which they leave
    private readonly SortedDictionary<long, Entry> _log = []; // live messages, by sequence
    private readonly List<Holder> _holders = [];
    private readonly List<QueueConsumer> _touched = [];
    private readonly List<Leaving> _leaving = [];
    private QueueState _state = new(limits) { Window = 300, HandOutUpTo = 0 };
    private long _now = 1000;
    private int _numbers;
    private long _last;
    private long _loadedUpTo;
    private long _recovered;
    private readonly Queue<(long UpTo, int Ticket)> _marks = []; // on their way to the log
    private DeliveryMark _mark = new(0);
    private long _marked; // what the log says

    public void Play(IReadOnlyCollection<Step> steps)
    {
        foreach (var step in steps)
        {
            Do(step);
            if (step.B % 3 != 0)
            {
                CommitMark();
            }

            Compare();
        }

        Finish(byPurge: steps.Count % 2 == 0);
    }

    private void Do(Step step)
    {
        switch (step.Kind)
        {
            case <= 6:
                Enqueue(1 + (step.A % 6), step.B, step.C);
                break;
            case <= 9:
                Load(1 + (step.A % 5), asked: step.B % 2 == 0);
                break;
            case <= 12:
                Settle(step);
                break;
            case 13 when _holders.Count(h => !h.State.Cancelled) < 3:
                Subscribe(prefetch: step.A % 5, noAck: step.B % 4 == 0);
                break;
            case 14 when _holders.Count > 0:
                Gone(_holders[step.A % _holders.Count]);
                break;
            case 15 or 16:
                Get(noAck: step.A % 2 == 0);
                break;
            case 17 when step.A % 3 == 0:
                Purge();
                break;
            case 18:
                _now += step.A % 60;
                Expire();
                break;
            case 19:
                _state.Window = 100 * (1 + (step.A % 8)); // other queues need more memory, or less
                break;
            case 20 when step.A % 3 == 0:
                Crash();
                break;
        }
    }

    private void Enqueue(int count, int b, int c)
    {
        var pages = _state.IsPaging;
        var whole = _state.TakesWholeBatches;
        var batch = new List<Message>();
        for (var i = 0; i < count && _numbers < MostMessages; i++)
        {
            var entry = new Entry
            {
                Id = ++_numbers,
                Ttl = !whole && (b + i) % 3 == 0 ? (c + i) % 80 : -1,
                Priority = Math.Min((b + i) % 5, limits.MaxPriority),
                IsPersistent = (c + i) % 4 != 0,
                Came = _now,
            };
            var message = _slab.Make(entry.Id, size: c % 40, (byte)entry.Priority, entry.Ttl);
            message.Flags |= entry.IsPersistent ? MessageFlags.Persistent : 0;
            entry.Size = message.BodyLength;
            pages = whole ? pages : _state.IsPaging;
            if (pages || entry.IsPersistent)
            {
                message.Sequence = entry.Sequence = _state.LastNumber = ++_last;
                _log.Add(_last, entry);
            }

            entry.InMemory = !pages;
            Insert(entry);
            if (whole)
            {
                batch.Add(message);
            }
            else if (pages)
            {
                _state.ApplyStored([message]);
                message.Release();
                AfterOne();
            }
            else
            {
                _loadedUpTo = entry.Sequence == 0 ? _loadedUpTo : _last;
                _state.ApplyEnqueued(message, _now);
                AfterOne();
            }
        }

        if (pages && whole)
        {
            _state.ApplyStored(batch.ToArray());
            batch.ForEach(m => m.Release());
        }
        else if (whole)
        {
            _loadedUpTo = _last;
            _state.ApplyEnqueued(batch.ToArray());
        }

        Deliver();
    }

    private void AfterOne()
    {
        Deliver();
        Expire();
        _state.DropOverflow();
        TakeLeft();
    }

    /// <summary>Reads the next messages back, when the queue asks for them.</summary>
    private bool Load(int count, bool asked)
    {
        if (!_state.WantsMore(asked))
        {
            return false;
        }

        var next = _log.Where(m => m.Key > _loadedUpTo).Take(count).Select(m => m.Value).ToList();
        foreach (var entry in next)
        {
            _loadedUpTo = entry.Sequence;
            var message = QueueBench.Numbered(entry.Id, entry.Size, (byte)entry.Priority, entry.Ttl < 0 ? null : $"{entry.Ttl}");
            message.Sequence = entry.Sequence;
            message.DeliveryCount = entry.Returns;
            if (entry.Sequence <= _recovered && !entry.IsPersistent)
            {
                _state.ApplyForgotten(message);
                _ready.Remove(entry);
                continue;
            }

            _state.ApplyLoaded(message, entry.Came);
            entry.InMemory = true;
        }

        if (next.Count == 0)
        {
            Assert.Equal(0, _state.ApplyAllLoaded());
        }

        AfterReturn();
        return true;
    }

    private void Settle(Step step)
    {
        if (_holders.Count == 0)
        {
            return;
        }

        var holder = _holders[step.A % _holders.Count];
        var from = 1 + (step.B % (holder.Last + 1));
        var to = from + (step.C % 5);
        var outcome = (Outcome)(step.Kind % 3);
        var held = holder.Held.Where(h => h.Key >= from && h.Key <= to).ToList();
        foreach (var (number, entry) in held)
        {
            holder.Held.Remove(number);
            if (outcome == Outcome.Requeue)
            {
                Return(entry);
            }
        }

        Assert.Equal(held.Count, _state.ApplySettled(holder.State, from, to, outcome));
        AfterReturn();
    }

    private void Subscribe(int prefetch, bool noAck)
    {
        var consumer = new QueueConsumer { Link = new object(), Prefetch = prefetch, NoAck = noAck };
        _holders.Add(new Holder { State = consumer });
        _state.ApplySubscribed(consumer);
        Deliver();
    }

    private void Gone(Holder holder)
    {
        foreach (var entry in holder.Held.Values)
        {
            Return(entry);
        }

        _holders.Remove(holder);
        _state.ApplyGone([holder.State]);
        AfterReturn();
        if (_state.ConsumerCount == 0 && _state.HandedUpTo is { } handed && _mark.TryLower(handed))
        {
            TellMark();
        }
    }

    private void Get(bool noAck)
    {
        Expire();
        if (!_state.HasHead)
        {
            Assert.True(
                _state.Stored > 0 || _ready.Count == 0 || _state.ShutAt > 0, "nothing is found, and all messages are in memory");
            Ask(getters: 1);
            return;
        }

        var holder = new Holder { State = new QueueConsumer { Link = new object(), GetsOnly = true, NoAck = noAck } };
        _holders.Add(holder);
        Assert.True(_state.TryGet(holder.State, out var message, out var number));
        Assert.Equal(_ready.Find(m => m.InMemory)!.Id, QueueBench.NumberOf(message));
        Delivered(holder, message, number);
    }

    private void Purge()
    {
        if (_state.Stored > 0)
        {
            // the shell names all up to the last; the log knows which of them live
            _log.Keys.Where(s => s > _loadedUpTo).ToList().ForEach(_state.Changes.Settle);
            _loadedUpTo = _last;
        }

        Assert.Equal(_ready.Count, _state.ApplyPurged());
        _ready.Clear();
    }

    private void Expire()
    {
        _state.Expire(_now);
        TakeLeft();
        Assert.DoesNotContain(_ready, m => m.InMemory && m.ExpiresAt(limits) <= _now);
    }

    /// <summary>Memory is lost; the log stays, and says what was there before.</summary>
    private void Crash()
    {
        Compare();
        foreach (var entry in _log.Values)
        {
            entry.InMemory = false;
        }

        ReturnSlab(_state);
        _ready.Clear();
        foreach (var entry in _log.Values)
        {
            Insert(entry);
        }

        _holders.Clear();
        _marks.Clear(); // some of these may have been committed: the one that says least is the hardest
        _mark = new DeliveryMark(Math.Min(_marked, _last));
        _state = new QueueState(limits) { Window = 300, LastNumber = _last, HandOutUpTo = _mark.UpTo };
        _state.ApplyRecovered(_log.Count, _log.Values.Sum(m => (long)m.Size));
        _recovered = _last;
        _loadedUpTo = _log.Count > 0 ? 0 : _last;
    }

    /// <summary>What the old life held in memory is not in the new one: its references are returned here.</summary>
    private void ReturnSlab(QueueState old)
    {
        old.ApplyGone(_holders.ConvertAll(h => h.State).ToArray());
        old.ApplyPurged();
        old.TakeLeaving(_leaving);
        _leaving.ForEach(l => l.Message.Release());
        _leaving.Clear();
    }

    private void AfterReturn()
    {
        Expire();
        _state.DropOverflow();
        Deliver();
    }
}
