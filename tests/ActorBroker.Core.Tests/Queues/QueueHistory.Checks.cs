using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <content>Whether what happened was right.</content>
internal sealed partial class QueueHistory
{
    private void CheckFair(List<(ModelConsumer Consumer, int Count)> served)
    {
        Assert.All(served, s => Assert.Contains(s.Consumer, Eligible));
        var able = Eligible.FindAll(c => CanTake(c) && _gateLimits[Array.IndexOf(_gates, c.State.Gate)] == 0); // else it stands in line
        foreach (var (consumer, count) in served)
        {
            Assert.All(able, other => Assert.True(
                other.State.Priority <= consumer.State.Priority, $"{consumer.Name} was served before {other.Name}, which has a higher priority"));
            Assert.All(able.Where(o => o.State.Priority == consumer.State.Priority), other => Assert.InRange(
                served.Find(s => s.Consumer == other).Count, count - 1, int.MaxValue));
        }
    }

    private List<ModelConsumer> Eligible
    {
        get
        {
            var active = _model.Consumers.FindAll(c => c.Active && !c.State.GetsOnly);
            return !_limits.SingleActiveConsumer ? active : active.FindAll(c => c == _model.Chosen && _model.Predecessors.Count == 0);
        }
    }

    private void CheckNobodyWaitsInVain()
    {
        if (_model.Ready.Count > 0)
        {
            Assert.Empty(Eligible.FindAll(CanTake));
        }
    }

    private bool CanTake(ModelConsumer c)
    {
        var channel = Array.IndexOf(_gates, c.State.Gate);
        var shared = _model.Consumers.Where(o => o.State.Gate == _gates[channel] && !o.NoAck).Sum(o => o.Unacked.Count);
        return (c.NoAck || c.State.Prefetch == 0 || c.Unacked.Count < c.State.Prefetch)
            && c.State.Window is null or { IsOpen: true }
            && !_paused[channel]
            && (_gateLimits[channel] == 0 || shared < _gateLimits[channel]);
    }

    /// <summary>
    /// With a single active consumer everything goes out in the order in which it came, but for what was given back, which goes out
    /// before all that follows it.
    /// </summary>
    private void CheckOrder(ModelConsumer consumer, int id)
    {
        if (!_limits.SingleActiveConsumer || _limits.MaxPriority > 0 || consumer.State.GetsOnly)
        {
            return;
        }

        var message = _model.Ready.Find(m => m.Id == id)!;
        Assert.True(message.Returns > 0 || id > _lastFirst, $"{id} went out after {_lastFirst}");
        Assert.DoesNotContain(_model.Ready, m => m.Id < id);
        Assert.All(
            _model.Consumers.Where(c => c != consumer && !c.State.GetsOnly && !_givenUp.Contains(c)), c => Assert.Empty(c.Unacked));
        _lastFirst = Math.Max(_lastFirst, id);
    }

    private void Compare()
    {
        TakeLeft();
        Assert.Equal(_model.Ready.Count, _state.Ready);
        Assert.Equal(_model.Ready.Sum(m => m.Size), _state.ReadyBytes);
        Assert.Equal(_model.Unacked.Count(), _state.Unacked);
        Assert.Equal(_model.Unacked.Sum(m => m.Size), _state.UnackedBytes);
        Assert.All(_model.Consumers, c => Assert.Equal(c.Unacked.Count, c.State.Unacked));
        Assert.Equal(_model.Consumers.Count(c => c.Active && !c.State.GetsOnly), _state.ConsumerCount);
        Assert.Equal(_enqueued, _gone + _model.Ready.Count + _model.Unacked.Count());
    }

    /// <summary>What left by a rule: the same, for the same reasons, in the same order but for those that expired together.</summary>
    private void TakeLeft()
    {
        _state.TakeLeaving(_leaving);
        Assert.Equal(_model.Left.Order(), _leaving.Select(l => $"{QueueBench.NumberOf(l.Message)} {l.Reason}").Order());
        _gone += _leaving.Count;
        _leaving.ForEach(l => l.Message.Release());
        _leaving.Clear();
        _model.Left.Clear();
    }
}
