using ActorBroker.Core.Channels;

namespace ActorBroker.Core.Tests.Channels;

/// <summary>
/// Six consumers of one channel, each with a queue of its own that is told of its place some time later; every third is without acks.
/// After each step that a queue has taken, nobody whose queue has messages waits while there is room, and nobody was overtaken.
/// </summary>
internal sealed class GateHistory
{
    private readonly ChannelGate _gate = new();
    private readonly string[] _names = ["a", "b", "c", "d", "e", "f"];
    private readonly int[] _waiting = new int[6];
    private readonly int[] _unacked = new int[6];
    private readonly List<int> _line = []; // who asked in vain, in that order
    private readonly List<int> _told = [];
    private readonly HashSet<int> _kept = []; // who has a place that it has not taken
    private int _limit;
    private bool _paused;

    public void Do(int kind, int who, int n)
    {
        switch (kind)
        {
            case 0: // messages come
                _waiting[who] += n;
                Round(who);
                break;
            case 1: // acks
                var acked = Math.Min(n, _unacked[who]);
                _unacked[who] -= acked;
                Tell(_gate.Return(acked));
                break;
            case 2: // a purge
                _waiting[who] = 0;
                break;
            case 3 when n < 3:
                _limit = n == 0 ? 0 : who;
                Tell(_gate.Set(limit: _limit));
                break;
            case 3 when n < 5:
                _paused = n == 3;
                Tell(_gate.Set(paused: _paused));
                break;
            default:
                if (_told.Count > 0)
                {
                    Hear(_told[who % _told.Count]);
                }

                break;
        }

        CheckLimit();
    }

    public void Finish()
    {
        _paused = false;
        _limit = 1;
        Tell(_gate.Set(limit: 1, paused: false));
        for (var round = 0; round < 5_000 && (_told.Count > 0 || _waiting.Any(w => w > 0) || _unacked.Any(u => u > 0)); round++)
        {
            if (_told.Count > 0)
            {
                Hear(_told[0]);
            }
            else if (Array.FindIndex(_unacked, u => u > 0) is >= 0 and var holder)
            {
                _unacked[holder]--;
                Tell(_gate.Return(1));
            }
            else
            {
                Assert.Fail("nothing is out, nobody was told, and messages wait: " + string.Join(' ', _waiting));
            }
        }

        Assert.All(_waiting, w => Assert.Equal(0, w));
    }

    private static bool Counts(int who) => who % 3 != 2;

    private void Round(int who)
    {
        while (_waiting[who] > 0)
        {
            if (!_gate.Active)
            {
                Count(who);
                _gate.Count(Counts(who) ? 1 : 0);
            }
            else if (_gate.TryTake(_names[who], Counts(who)))
            {
                Count(who);
            }
            else
            {
                if (!_line.Contains(who) && !_kept.Contains(who))
                {
                    _line.Add(who);
                }

                return;
            }
        }
    }

    private void Count(int who)
    {
        _waiting[who]--;
        if (Counts(who))
        {
            _unacked[who]++;
            _kept.Remove(who);
        }

        Assert.True(_line.Count == 0 || !_line.Contains(who), $"{_names[who]} takes a place while it stands in line");
    }

    private void Hear(int who)
    {
        _told.Remove(who);
        Round(who);
        _kept.RemoveWhere(k => k == who && !_paused);
        Tell(_gate.Decline(_names[who]));
    }

    private void Tell(object[] called)
    {
        foreach (var who in called.Select(name => Array.IndexOf(_names, (string)name)))
        {
            if (!_kept.Contains(who))
            {
                Assert.Equal(who, _line[0]); // nobody is overtaken
                _line.RemoveAt(0);
            }

            _told.Add(who);
            _kept.Add(who);
        }

        ForgetKept();
    }

    private void ForgetKept() => _kept.RemoveWhere(_ => _limit == 0 && !_paused); // without a limit nobody needs a place

    private void CheckLimit()
    {
        if (_limit > 0 && !_paused && _told.Count == 0 && _line.Count > 0)
        {
            Assert.True(_unacked.Sum() >= _limit, $"{_names[_line[0]]} waits while only {_unacked.Sum()} of {_limit} are out");
        }
    }
}
