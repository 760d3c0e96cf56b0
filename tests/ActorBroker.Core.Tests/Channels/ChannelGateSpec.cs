using ActorBroker.Core.Channels;

namespace ActorBroker.Core.Tests.Channels;

public sealed class ChannelGateSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ChannelGate _gate = new();

    [Fact]
    public void Is_inactive_until_a_limit_or_a_pause_is_set()
    {
        Assert.False(_gate.Active);
        _gate.Set(limit: 1);
        Assert.True(_gate.Active);
        _gate.Set(limit: 0);
        Assert.False(_gate.Active);
        _gate.Set(paused: true);
        Assert.True(_gate.Active);
        _gate.Set(paused: false);
        Assert.False(_gate.Active);
    }

    [Fact]
    public void Lets_pass_as_many_as_the_limit_and_tells_who_waits_when_some_are_returned()
    {
        _gate.Set(limit: 2);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.True(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));

        Assert.Equal(["a", "b"], _gate.Return(1).Order());
        Assert.Empty(_gate.Return(0));
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: true));
    }

    [Fact]
    public void What_went_out_before_the_limit_counts()
    {
        _gate.Count(3);
        _gate.Set(limit: 4);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));
    }

    [Fact]
    public void A_higher_limit_wakes_who_waits()
    {
        _gate.Set(limit: 1);
        _gate.TryTake("a", counted: true);
        _gate.TryTake("a", counted: true);
        Assert.Equal(["a"], _gate.Set(limit: 2));
        Assert.True(_gate.TryTake("a", counted: true));
    }

    [Fact]
    public void A_pause_holds_everybody_and_its_end_wakes_them()
    {
        _gate.Set(paused: true);
        Assert.False(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: false));
        Assert.Equal(2, _gate.Set(paused: false).Length);
        Assert.True(_gate.TryTake("b", counted: false));
    }

    [Fact]
    public void A_pause_keeps_the_limit()
    {
        _gate.Set(limit: 1);
        _gate.Set(paused: true);
        _gate.Set(paused: false);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));
    }

    [Fact]
    public async Task Between_threads_the_limit_holds_and_nobody_waits_for_ever()
    {
        const int limit = 3;
        const int each = 5_000;
        _gate.Set(limit: limit);
        var returns = new System.Collections.Concurrent.BlockingCollection<int>();
        var outstanding = 0;
        var waiters = Enumerable.Range(0, 2).Select(_ => new SemaphoreSlim(0)).ToArray();

        var takers = waiters.Select(w => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < each; i++)
                {
                    while (!_gate.TryTake(w, counted: true))
                    {
                        Assert.True(w.Wait(Patience), $"taker waits for place {i}, {outstanding} of {limit} are out");
                    }

                    Assert.InRange(Interlocked.Increment(ref outstanding), 1, limit);
                    returns.Add(1);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        var returner = Task.Factory.StartNew(
            () =>
            {
                foreach (var one in returns.GetConsumingEnumerable())
                {
                    Interlocked.Add(ref outstanding, -one);
                    foreach (var waiter in _gate.Return(one))
                    {
                        ((SemaphoreSlim)waiter).Release();
                    }
                }
            },
            TaskCreationOptions.LongRunning);

        await Task.WhenAll(takers);
        returns.CompleteAdding();
        await returner;
        Assert.Equal(0, outstanding);
    }
}
