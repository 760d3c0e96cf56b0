using System.Collections.Concurrent;
using ActorBroker.Scheduling;
using Akka.Configuration;
using Akka.Dispatch;

namespace ActorBroker.Tests.Scheduling;

/// <summary>Mailboxes woken in a turn run at its end, on the same thread; what was written to is flushed once.</summary>
public sealed class HotTurnSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ExecutorService _executor = new HotExecutorConfigurator(Config.Empty, null!).Produce("hot");
    private readonly ConcurrentQueue<string> _happened = [];

    [Fact]
    public void A_mailbox_woken_in_a_turn_runs_at_its_end_on_the_same_thread()
    {
        var thread = 0;
        HotTurn.Enter();
        _executor.Execute(new Mailbox(() => thread = Environment.CurrentManagedThreadId));
        Assert.Equal(0, thread);
        HotTurn.Leave();
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void Mailboxes_run_in_the_order_in_which_they_were_woken_also_those_woken_by_others()
    {
        InOneTurn("a2", () =>
        {
            Wake("a", () => Wake("a1", () => Wake("a2")));
            Wake("b", () => Wake("b1"));
        });
        Assert.Equal(["a", "b", "a1", "b1", "a2"], _happened);
    }

    [Fact]
    public void Output_is_flushed_once_after_all_mailboxes()
    {
        var (one, two) = (new Output("one", _happened), new Output("two", _happened));
        InOneTurn("b", () =>
        {
            HotTurn.RequestFlush(one);
            Wake("a", () =>
            {
                HotTurn.RequestFlush(two);
                HotTurn.RequestFlush(one);
                Wake("b", () => HotTurn.RequestFlush(two));
            });
        });
        Assert.Equal(["a", "b", "flush one", "flush two"], _happened);
    }

    [Fact]
    public void Each_of_thousands_of_outputs_is_flushed_once_and_found_without_looking_at_all_others()
    {
        Output.Compared = 0;
        var outputs = Enumerable.Range(0, 2000).Select(i => new Output($"{i}", _happened)).ToArray();
        InOneTurn("last", () =>
        {
            foreach (var output in outputs.Concat(outputs.Reverse()))
            {
                HotTurn.RequestFlush(output);
            }

            Wake("last");
        });
        Assert.Equal(["last", .. outputs.Select(o => $"flush {o.Name}")], _happened);
        Assert.InRange(Output.Compared, 0, 100_000); // each with each is four million
    }

    [Fact]
    public void A_turn_within_a_turn_ends_with_the_outer_one()
    {
        HotTurn.Enter();
        HotTurn.Enter();
        Wake("a");
        HotTurn.RequestFlush(new Output("one", _happened));
        HotTurn.Leave();
        Assert.Empty(_happened);
        HotTurn.Leave();
        Assert.Equal(["a", "flush one"], _happened);
    }

    [Fact]
    public void Outside_a_turn_output_is_flushed_at_once()
    {
        HotTurn.RequestFlush(new Output("one", _happened));
        Assert.Equal(["flush one"], _happened);
    }

    [Fact]
    public void A_turn_leaves_nothing_behind_for_the_next()
    {
        for (var i = 0; i < 3; i++)
        {
            _happened.Clear();
            HotTurn.Enter();
            Wake("a");
            HotTurn.RequestFlush(new Output("one", _happened));
            HotTurn.Leave();
            Assert.Equal(["a", "flush one"], _happened);
        }
    }

    [Fact]
    public void Outside_a_turn_a_mailbox_runs_on_another_thread_in_a_turn_of_its_own()
    {
        var done = new ManualResetEventSlim();
        var threads = new ConcurrentBag<int>();
        _executor.Execute(new Mailbox(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            HotTurn.RequestFlush(new Output("one", _happened, done));
            _executor.Execute(new Mailbox(() =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                _happened.Enqueue("woken");
            }));
        }));

        Assert.True(done.Wait(Patience), "waited for the flush at the end of the turn");
        Assert.Equal(["woken", "flush one"], _happened);
        Assert.Single(threads.Distinct());
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void More_than_one_turn_can_do_goes_to_other_threads_and_none_is_lost()
    {
        const int mailboxes = 5000;
        var all = new CountdownEvent(mailboxes);
        HotTurn.Enter();
        for (var i = 0; i < mailboxes; i++)
        {
            _executor.Execute(new Mailbox(() => all.Signal()));
        }

        HotTurn.Leave();
        Assert.True(all.Wait(Patience), $"{all.CurrentCount} of {mailboxes} mailboxes did not run");
    }

    [Fact]
    public void A_slow_mailbox_does_not_hold_up_the_others_for_long()
    {
        var other = new ManualResetEventSlim();
        HotTurn.Enter();
        _executor.Execute(new Mailbox(() => Thread.SpinWait(10_000_000))); // far over the budget of time
        _executor.Execute(new Mailbox(() => other.Wait(Patience)));
        _executor.Execute(new Mailbox(other.Set));
        HotTurn.Leave(); // the second would wait for ever if the third had to wait for it
        Assert.True(other.Wait(Patience), "waited for the last mailbox");
    }

    [Fact]
    public void A_mailbox_that_throws_loses_neither_the_others_nor_the_flush()
    {
        var other = new ManualResetEventSlim();
        HotTurn.Enter();
        HotTurn.RequestFlush(new Output("one", _happened));
        _executor.Execute(new Mailbox(() => throw new InvalidOperationException("a fault of Akka's")));
        _executor.Execute(new Mailbox(other.Set));
        Assert.Throws<InvalidOperationException>(HotTurn.Leave);
        Assert.Equal(["flush one"], _happened);
        Assert.True(other.Wait(Patience), "waited for the mailbox behind the fault");

        HotTurn.Enter();
        Wake("next turn");
        HotTurn.Leave();
        Assert.Contains("next turn", _happened);
    }

    /// <summary>A turn that stays within its budget of time, however busy the machine is: tried until it does.</summary>
    private void InOneTurn(string last, Action turn)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            _happened.Clear();
            HotTurn.Enter();
            turn();
            HotTurn.Leave();
            if (_happened.Contains(last))
            {
                return;
            }

            Assert.True(SpinWait.SpinUntil(() => _happened.Contains(last), Patience), $"waited for {last} on another thread");
        }

        Assert.Fail("not one of 200 turns stayed within its budget");
    }

    private void Wake(string name, Action? then = null) => _executor.Execute(new Mailbox(() =>
    {
        _happened.Enqueue(name);
        then?.Invoke();
    }));

    private sealed class Mailbox(Action run) : IRunnable
    {
        public void Run() => run();

        public void Execute() => run();
    }

    private sealed class Output(string name, ConcurrentQueue<string> happened, ManualResetEventSlim? done = null) : IDeferredFlush
    {
        [ThreadStatic]
        private static int _compared;

        public static int Compared
        {
            get => _compared;
            set => _compared = value;
        }

        public string Name => name;

        public override bool Equals(object? obj)
        {
            _compared++;
            return ReferenceEquals(this, obj);
        }

        public override int GetHashCode() => name.GetHashCode(StringComparison.Ordinal);

        public void FlushNow()
        {
            happened.Enqueue($"flush {name}");
            done?.Set();
        }
    }
}
