using ActorBroker.Core.Channels;
using CsCheck;

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
    public void Lets_pass_as_many_as_the_limit_and_keeps_what_is_returned_for_who_waits_longest()
    {
        _gate.Set(limit: 2);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.True(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("a", counted: true));

        Assert.Equal(["a"], _gate.Return(1));
        Assert.Empty(_gate.Return(0));
        Assert.False(_gate.TryTake("b", counted: true)); // the place is not its
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("a", counted: true)); // behind b now
        Assert.Equal(["b", "a"], _gate.Return(2));
    }

    [Fact]
    public void A_place_that_is_not_taken_goes_to_the_next_in_line()
    {
        _gate.Set(limit: 1);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("c", counted: true));
        Assert.False(_gate.TryTake("d", counted: true));
        Assert.Equal(["b"], _gate.Return(1));

        Assert.Equal(["c"], _gate.Decline("b")); // its queue has nothing more
        Assert.Empty(_gate.Decline("b"));
        Assert.Equal(["d"], _gate.Leave("c")); // cancelled
        Assert.True(_gate.TryTake("d", counted: true));
        Assert.Empty(_gate.Decline("d")); // taken, and so not declined
        Assert.Empty(_gate.Return(1));
        Assert.True(_gate.TryTake("a", counted: true));
    }

    [Fact]
    public void One_without_acks_waits_in_line_and_takes_no_place()
    {
        _gate.Set(limit: 1);
        Assert.True(_gate.TryTake("n", counted: false));
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("n", counted: false));
        Assert.False(_gate.TryTake("a", counted: true));

        Assert.Equal(["n"], _gate.Return(1));
        Assert.True(_gate.TryTake("n", counted: false));
        Assert.True(_gate.TryTake("n", counted: false)); // all that its queue has now
        Assert.False(_gate.TryTake("a", counted: true));
        Assert.Equal(["a"], _gate.Decline("n"));
        Assert.True(_gate.TryTake("a", counted: true));
    }

    [Fact]
    public void Who_is_in_line_when_a_pause_comes_keeps_its_place_in_it()
    {
        _gate.Set(limit: 1);
        Assert.True(_gate.TryTake("a", counted: true));
        Assert.False(_gate.TryTake("b", counted: true));
        Assert.False(_gate.TryTake("c", counted: true));
        Assert.Equal(["b"], _gate.Return(1));
        Assert.Empty(_gate.Set(paused: true));
        Assert.False(_gate.TryTake("b", counted: true));
        Assert.Empty(_gate.Decline("b"));
        Assert.Equal(["b"], _gate.Set(paused: false));
    }

    /// <summary>Queues with and without messages, told one after the other, in any order of events.</summary>
    [Fact]
    public void Law_no_place_is_free_while_somebody_waits_and_nobody_is_overtaken() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 9], (kind, who, n) => (kind, who, n)).List[0, 150].Sample(steps =>
        {
            var play = new GateHistory();
            steps.ForEach(s => play.Do(s.kind, s.who, s.n));
            play.Finish();
        });

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
