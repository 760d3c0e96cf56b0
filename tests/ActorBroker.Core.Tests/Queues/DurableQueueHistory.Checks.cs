using System.Buffers;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <content>The lists, and what must be true of the queue after each step.</content>
internal sealed partial class DurableQueueHistory
{
    /// <summary>A delivery round: the first ones that are in memory, none left out, each consumer's in order.</summary>
    private void Deliver()
    {
        TakeLeft();
        var waiting = _ready.FindAll(m => m.InMemory).ConvertAll(m => m.Id);
        var taken = new List<int>();
        _state.Deliver(_touched);
        foreach (var consumer in _touched)
        {
            var holder = _holders.Find(h => h.State == consumer)!;
            var number = consumer.BatchFirst;
            var places = new List<int>();
            foreach (ref readonly var message in consumer.Batch)
            {
                places.Add(waiting.IndexOf(QueueBench.NumberOf(message)));
                Delivered(holder, message, number++);
            }

            Assert.Equal(places.Order(), places);
            taken.AddRange(places);
            ArrayPool<Message>.Shared.Return(consumer.TakeBatch(), clearArray: true);
        }

        _touched.Clear();
        Assert.Equal(Enumerable.Range(0, taken.Count), taken.Order());
    }

    private void Delivered(Holder holder, in Message message, long number)
    {
        var id = QueueBench.NumberOf(message);
        var entry = _ready.Find(m => m.Id == id)!;
        Assert.Equal((entry.Sequence, entry.Returns), (message.Sequence, message.DeliveryCount));
        Assert.True(entry.Sequence <= _marked, $"{entry.Sequence} was handed out, and after a crash the log would say {_marked}");
        Assert.True(limits.MaxPriority == 0 || !_ready.Exists(m => !m.InMemory && m.Sequence <= _recovered), "handed out before all was read");
        _ready.Remove(entry);
        holder.Last = number;
        if (holder.State.NoAck)
        {
            message.Release();
        }
        else
        {
            holder.Held.Add(number, entry);
        }
    }

    /// <summary>What left by a rule: it had a reason to, and its log hears of it as the shell tells it.</summary>
    private void TakeLeft()
    {
        _state.TakeLeaving(_leaving);
        foreach (var (message, reason) in _leaving)
        {
            var id = QueueBench.NumberOf(message);
            var entry = _ready.Find(m => m.Id == id);
            Assert.True(reason != LeaveReason.Expired || entry!.ExpiresAt(limits) <= _now, $"{id} has not expired");
            Assert.True(reason != LeaveReason.MaxLength || entry == _ready[0], $"{id} is not the oldest");
            _ready.RemoveAll(m => m.Id == id);
            _state.Changes.Settle(message.Sequence);
            message.Release();
        }

        _leaving.Clear();
    }

    private void Return(Entry entry)
    {
        if (++entry.Returns <= (limits.DeliveryLimit ?? int.MaxValue))
        {
            Insert(entry);
        }
    }

    private void Insert(Entry entry)
    {
        var at = _ready.FindIndex(m => m.Priority < entry.Priority || (m.Priority == entry.Priority && m.Id > entry.Id));
        _ready.Insert(at < 0 ? _ready.Count : at, entry);
    }

    /// <summary>In the part of the shell: asks the log for a mark when somebody waits for it, or will.</summary>
    private void Ask(int getters)
    {
        if (getters == 0 && _state.ConsumerCount == 0)
        {
            return;
        }

        var shutAt = _state.ShutAt;
        var room = getters + _state.RoomUpTo(DeliveryMark.MostRoom);
        if ((_state.HandedUpTo ?? shutAt - 1) is not (>= 0 and var handed))
        {
            return;
        }

        var isFar = _mark.IsFarAhead(handed);
        if (_mark.TryAsk(handed, room > 0 ? shutAt : 0, room, _state.Unacked))
        {
            Assert.False(shutAt == 0 && isFar, "the cheap look would have missed it");
            TellMark();
        }
    }

    private void TellMark()
    {
        _state.HandOutUpTo = _mark.UpTo;
        _marks.Enqueue((_mark.Asked, _mark.Ticket));
    }

    /// <summary>The log has one more mark.</summary>
    private bool CommitMark()
    {
        if (!_marks.TryDequeue(out var mark))
        {
            return false;
        }

        _marked = mark.UpTo;
        _mark.Written(mark.Ticket);
        _state.HandOutUpTo = _mark.UpTo;
        Deliver();
        return true;
    }

    private void Compare()
    {
        Ask(getters: 0);
        Assert.True(_mark.UpTo <= _marked || _marks.Count > 0, "the queue knows of a mark that the log does not have");
        TakeLeft();
        TakeChanges();
        var memory = _ready.FindAll(m => m.InMemory);
        Assert.Equal(_ready.Count, _state.Ready);
        Assert.Equal(_ready.Count - memory.Count, _state.Stored);
        Assert.Equal(_ready.Sum(m => (long)m.Size), _state.ReadyBytes);
        Assert.Equal(memory.Sum(m => m.Size + 64L), _state.Resident);
        Assert.Equal(_holders.Sum(h => h.Held.Count), _state.Unacked);
        Assert.Equal(_holders.SelectMany(h => h.Held.Values).Sum(m => (long)m.Size), _state.UnackedBytes);
        Assert.True(limits.MaxPriority > 0 || _ready.SkipWhile(m => m.InMemory).All(m => !m.InMemory), "memory is not the head of the queue");
        var held = _ready.Concat(_holders.SelectMany(h => h.Held.Values)).Select(m => m.Sequence).Where(s => s != 0);
        Assert.Equal(_log.Keys, held.Order()); // nothing is forgotten that is still there, nothing stays that is gone
    }

    private void TakeChanges()
    {
        foreach (var range in _state.Changes.Settled)
        {
            for (var sequence = range.First; sequence <= range.Last; sequence++)
            {
                Assert.True(_log.Remove(sequence), $"{sequence} was settled and was not there");
            }
        }

        foreach (var (sequence, count) in _state.Changes.Returned)
        {
            Assert.True(!_log.TryGetValue(sequence, out var entry) || count <= entry.Returns, $"{sequence} has come back {count} times");
        }

        _state.Changes.Clear();
    }

    private void Finish(bool byPurge)
    {
        while (_holders.Count > 0)
        {
            Gone(_holders[0]);
        }

        if (byPurge)
        {
            Purge();
        }
        else
        {
            Subscribe(prefetch: 0, noAck: true);
            Ask(getters: 0);
            for (var rounds = 0; CommitMark() || Load(7, asked: false); rounds++)
            {
                Compare();
                Assert.True(rounds <= MostMessages, "a consumer waits, and reading does not end");
            }
        }

        Compare();
        Assert.Equal((0, 0, 0L, 0L, 0), (_state.Ready, _state.Stored, _state.Resident, _state.ReadyBytes, _state.Unacked));
        Assert.Empty(_log);
        _slab.CheckAndReturn();
    }

    private sealed class Holder
    {
        public required QueueConsumer State { get; init; }

        public SortedDictionary<long, Entry> Held { get; } = [];

        public long Last { get; set; }
    }

    private sealed class Entry
    {
        public required int Id { get; init; }

        public required long Came { get; init; }

        public required int Ttl { get; init; }

        public required int Priority { get; init; }

        public required bool IsPersistent { get; init; }

        public int Size { get; set; }

        public long Sequence { get; set; }

        public bool InMemory { get; set; }

        public int Returns { get; set; }

        public long ExpiresAt(QueueLimits limits) => Ttl < 0 && limits.MessageTtl is null
            ? long.MaxValue
            : Came + Math.Min(Ttl < 0 ? long.MaxValue : Ttl, limits.MessageTtl ?? long.MaxValue);
    }
}
