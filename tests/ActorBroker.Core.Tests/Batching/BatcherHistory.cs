using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Tests.Journal;

namespace ActorBroker.Core.Tests.Batching;

/// <summary>
/// A random life of a log: three queues, publishers, consumers, dead letters, a disk that fills. The history is the batcher's owner: it
/// writes when it was told to and at no other time, commits when the dice say so, and tells everybody what was answered.
/// </summary>
internal sealed partial class BatcherHistory
{
    private const int Most = 400; // bytes in one write
    private const long UnixNow = 1_700_000_000_000;
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(10);
    private static readonly Message Small = LogMessages.Create(1, 10);
    private static readonly Message Large = LogMessages.Create(1, 150);

    private readonly Slab _slab = Slab.Rent();
    private readonly LogBatcher _batcher = new(Grace, mostPerWrite: Most);
    private readonly WritePace _pace;
    private readonly LogIndex _index = new();
    private readonly TestQueue[] _queues;
    private readonly TestQueue _elsewhere = new(99, new LogBatcher(Grace)) { EncodedUpTo = 1000 };
    private readonly List<TestBatch> _batches = [];
    private readonly List<TestMove> _moves = [];
    private readonly List<TestConfirm> _confirms = [];
    private readonly List<TimeSpan> _graceMoments = [];
    private WriteRoom _room;
    private TimeSpan _now;
    private int _flushes;
    private int _pauses;
    private int _tickets;
    private bool _later;
    private long _events;

    public BatcherHistory()
    {
        _slab.Give(); // the history's own
        _slab.Retire();
        _pace = new WritePace(_batcher);
        _queues = [new TestQueue(1, _batcher), new TestQueue(2, _batcher), new TestQueue(3, _batcher)];
    }

    public void Do(int kind, int a, int b)
    {
        var queue = _queues[a % 3];
        switch (kind)
        {
            case <= 4:
                Publish(queue, b);
                break;
            case <= 8:
                Settle(queue, a / 3, b % 4, mustWait: b % 7 == 0);
                break;
            case 9 when Alive(queue, a / 3) is { } message:
                _batcher.Return(queue, message.Sequence, ++message.DeliveryCount);
                After();
                break;
            case 10:
                Mark(queue, b);
                break;
            case 11 or 12:
                Move(queue, a / 3, b);
                break;
            case 13 when _moves.Find(m => m.IsAbroad) is { } move:
                move.AnswerAbroad(failed: b % 3 == 0);
                break;
            case 14 when _moves.Find(m => m.MustBeTold && !m.Leaving[0].IsSettled) is { } move:
                Arrived(move);
                break;
            case 15 when Alive(queue, a / 3) is { } message && _index.IsLive(queue.Uid, message.Sequence):
                _batcher.Relocate(queue.Uid, Small with { Sequence = message.Sequence }, UnixNow);
                After();
                break;
            case 16 when b % 16 == 0:
                Remove(queue);
                break;
            case 17:
                SetRoom((WriteRoom)(b % 5 > 2 ? 0 : b % 5));
                break;
            case 18:
                Pass(TimeSpan.FromMilliseconds(b % 8));
                break;
            case 19 when b % 8 == 0:
                Hurry(queue);
                break;
            case 20 or 21 when _batcher.UnderWay is not null:
                Commit();
                break;
            case >= 20:
                Wake(b);
                break;
        }

        CheckNobodyWaitsForNothing();
    }

    private void Publish(TestQueue queue, int dice)
    {
        var batch = new TestBatch(queue, isHandedOut: dice % 3 != 0, move: null, _slab);
        Fill(batch, 1 + (dice / 3 % 4), dice % 5 == 0 ? Large : Small);
        Add(batch);
    }

    private void Fill(TestBatch batch, int count, Message message)
    {
        batch.Target.Last += _batches.Count % 4 == 0 ? 2 : 0; // numbers that were given to what was not taken after all
        for (var i = 0; i < count; i++)
        {
            batch.Add(message, ++batch.Target.Last);
        }
    }

    private void Add(TestBatch batch)
    {
        if (batch.IsHandedOut && batch.Target.Written < 64)
        {
            batch.GracedUntil = _now + Grace;
        }

        _batches.Add(batch);
        _batcher.Add(batch, _now);
        EndGrace(_now);
    }

    /// <summary>A message that its queue has.</summary>
    private static TestMessage? Alive(TestQueue queue, int which)
    {
        var alive = queue.Messages.FindAll(m => m is { IsNoMore: false, Leaving: null });
        return alive.Count == 0 ? null : alive[which % alive.Count];
    }

    private void Settle(TestQueue queue, int which, int more, bool mustWait)
    {
        if (Alive(queue, which) is not { } first)
        {
            return;
        }

        var settled = queue.Messages
            .SkipWhile(m => m != first).TakeWhile((m, i) => i <= more && m is { IsNoMore: false, Leaving: null }).ToList();
        settled.ForEach(m => m.IsSettled = true);
        _batcher.Settle(queue, new SequenceRange(first.Sequence, settled[^1].Sequence));
        if (mustWait)
        {
            _confirms.Add(new TestConfirm(settled));
            _batcher.Await(queue, _confirms[^1]);
        }

        EndGrace(_now);
    }

    private void Mark(TestQueue queue, int dice)
    {
        if (!queue.IsRemoved)
        {
            queue.Marked = (dice, dice % 3 == 0 ? 0 : ++_tickets);
            _batcher.Mark(queue, queue.Marked.UpTo, queue.Marked.Ticket);
            After();
        }
    }

    private void Move(TestQueue queue, int which, int dice)
    {
        var comesFromElsewhere = dice % 11 == 0;
        var source = comesFromElsewhere ? _elsewhere : queue;
        var leaving = comesFromElsewhere
            ? [new TestMessage(_elsewhere, 1 + dice, null!)]
            : queue.Messages.Where(m => m is { IsNoMore: false, Leaving: null }).Skip(which % 3).Take(1 + (dice % 3)).ToList();
        if (leaving.Count == 0)
        {
            return;
        }

        var move = new TestMove(source, leaving, isAbroad: dice % 5 == 0);
        leaving.ForEach(m => m.Leaving = move);
        _moves.Add(move);
        move.Expect();
        var targets = _queues.Where((q, i) => i == which % 3 || (dice % 4 == 0 && i == dice % 3)).ToList();
        foreach (var target in targets)
        {
            var batch = new TestBatch(target, isHandedOut: dice % 2 == 0, move, _slab);
            Fill(batch, leaving.Count, dice % 7 == 0 ? Large : Small);
            move.Targets.Add(batch);
            move.IsOneCommit &= !target.IsRemoved;
        }

        var unanswered = move.Targets.Count + (move.IsAbroad ? 1 : 0);
        for (var i = 1; i < unanswered; i++)
        {
            move.Expect();
        }

        move.Targets.ForEach(Add);
    }

    /// <summary>All targets have what has left: its queue's log hears of it.</summary>
    private void Arrived(TestMove move)
    {
        move.Leaving.ForEach(m => m.IsSettled = true);
        if (move.From != _elsewhere)
        {
            move.Leaving.ForEach(m => _batcher.Settle(move.From, new SequenceRange(m.Sequence, m.Sequence)));
            EndGrace(_now);
        }
    }

    private void Remove(TestQueue queue)
    {
        if (!queue.IsRemoved)
        {
            _moves.ForEach(m => m.IsOneCommit &= m.From != queue && !m.Targets.Exists(t => t.Target == queue));
            _batcher.Remove(queue);
            After();
        }
    }

    private void SetRoom(WriteRoom room)
    {
        _room = room;
        _batcher.HasRoom();
        After();
    }

    /// <summary>A queue begins anew: all that it has handed over is to be written now.</summary>
    private void Hurry(TestQueue queue)
    {
        if (!queue.IsRemoved)
        {
            _batches.ForEach(b => b.GracedUntil = null);
            _batcher.EndGrace(TimeSpan.MaxValue);
            _batcher.Mark(queue, queue.Marked.UpTo, queue.Mark?.Ticket ?? 0);
            Plan(_pace.Hurry());
            Tell();
        }
    }

    private void Pass(TimeSpan time)
    {
        _now += time;
        if (_graceMoments.RemoveAll(due => due <= _now) > 0)
        {
            EndGrace(_now);
        }
    }

    private void EndGrace(TimeSpan now)
    {
        _batcher.EndGrace(now);
        if (_batcher.GraceEnds is { } due && !_graceMoments.Contains(due))
        {
            _graceMoments.Add(due);
        }

        After();
    }

    /// <summary>Something has come.</summary>
    private void After()
    {
        Plan(_pace.Next());
        Tell();
    }

    private void Plan(WriteTime time)
    {
        _flushes += time == WriteTime.Now ? 1 : 0;
        _pauses += time == WriteTime.AfterPause ? 1 : 0;
        _later |= time == WriteTime.Later;
    }

    /// <summary>One of the moments has come that the batcher has named.</summary>
    /// <returns>False when there is none.</returns>
    private bool Wake(int dice)
    {
        if (_flushes > 0 && (_pauses == 0 || dice % 2 == 0))
        {
            _flushes--;
            Begin();
        }
        else if (_pauses > 0)
        {
            _pauses--;
            if (_pace.EndPause())
            {
                Begin();
            }
        }
        else if (_later)
        {
            _later = false;
            Begin();
        }
        else
        {
            return false;
        }

        return true;
    }

    private void Begin()
    {
        _pace.Begin();
        var before = _batcher.UnderWay;
        var write = _batcher.Next(UnixNow, _index, _room);
        Require(write is null || before is null, "two writes are under way");
        if (write is not null)
        {
            LookAt(write);
        }

        Tell();
    }

    private void Commit()
    {
        var write = _batcher.UnderWay!;
        foreach (var @event in write.Events)
        {
            _index.Apply(++_events, @event);
        }

        NoteCommitted(write);
        _batcher.Committed();
        Tell();
        Plan(_pace.Committed(isEnding: false));
    }
}
