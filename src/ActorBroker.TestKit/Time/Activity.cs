using System.Collections.Concurrent;
using ActorBroker.Scheduling;
using Akka.Actor;
using Akka.Dispatch;

namespace ActorBroker.TestKit.Time;

/// <summary>
/// Runs the mailboxes of the broker's actors one after the other, in the order in which they were woken, and knows when there is none:
/// what an actor does is counted before the actor that caused it is counted out, so zero means rest. What the store has been asked and
/// has not answered counts, too. Who waits for a moment only, for what may come meanwhile, hears that it is over before it is rest.
/// </summary>
internal sealed class Activity
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // real time: nothing but a store on a slow disk needs any

    private readonly ConcurrentQueue<IRunnable> _lane = new();
    private readonly ConcurrentDictionary<Func<bool>, byte> _parked = [];
    private readonly ConcurrentDictionary<Task, Task> _answers = []; // by what the test sees of each
    private readonly Queue<(IActorRef Receiver, object Message)> _moments = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _rest;
    private int _queued; // mailboxes in the lane, and the one that runs
    private int _beside; // mailboxes on other dispatchers
    private int _asked; // of the store
    private int _waiting; // for a moment

    /// <summary>How many moments were over so far.</summary>
    public int Moments { get; private set; }

    public bool IsAtRest => IsQuiet && Volatile.Read(ref _waiting) == 0;

    private bool IsQuiet =>
        Volatile.Read(ref _queued) == 0 && Volatile.Read(ref _beside) == 0 && (Volatile.Read(ref _asked) == 0 || _parked.Keys.Any(p => p()));

    /// <summary>A mailbox was woken: its turn comes.</summary>
    public void Run(IRunnable mailbox)
    {
        _lane.Enqueue(mailbox);
        if (Interlocked.Increment(ref _queued) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static activity => activity.Drain(), this, preferLocal: false);
        }
    }

    /// <summary>The same beside the others, at the same time.</summary>
    public void RunBeside(IRunnable mailbox)
    {
        Interlocked.Increment(ref _beside);
        ThreadPool.UnsafeQueueUserWorkItem(
            static run =>
            {
                try
                {
                    run.Mailbox.Run();
                }
                finally
                {
                    run.Activity.Leave(ref run.Activity._beside);
                }
            },
            (Activity: this, Mailbox: mailbox),
            preferLocal: false);
    }

    /// <summary>Does something on this thread, and all that follows from it, if nothing else is going on.</summary>
    /// <returns>False when something is: then what was done may not be finished yet.</returns>
    public bool TryRunHere(Action what)
    {
        if (Interlocked.CompareExchange(ref _queued, 1, 0) != 0)
        {
            what();
            return false;
        }

        try
        {
            what();
        }
        finally
        {
            DrainRest();
        }

        return true;
    }

    /// <summary>Tells somebody something when nothing else is going on: one of them each time, in the order in which they asked.</summary>
    public void OnceAtRest(IActorRef receiver, object message)
    {
        lock (_lock)
        {
            _moments.Enqueue((receiver, message));
            Interlocked.Increment(ref _waiting);
        }

        Changed();
    }

    /// <summary>The store was asked for something.</summary>
    public void Asked() => Interlocked.Increment(ref _asked);

    /// <summary>It has answered.</summary>
    public void Answered() => Leave(ref _asked);

    /// <summary>While this is so the store does not answer by the test's wish: that is rest, too.</summary>
    public void RestsWhile(Func<bool> parked) => _parked[parked] = 0;

    /// <summary>No longer.</summary>
    public void Forget(Func<bool> parked) => _parked.TryRemove(parked, out _);

    /// <summary>An answer of the broker's client is on its way to the test until <paramref name="seen"/> has ended, which follows from it.</summary>
    public void Follow(Task answer, Task seen)
    {
        _answers[seen] = answer;
        seen.ContinueWith(done => _answers.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Looks again whether it is at rest.</summary>
    public void Changed()
    {
        while (TryEndMoment())
        {
            // whoever hears of it goes on; one that is gone does not
        }

        if (!IsAtRest)
        {
            return;
        }

        TaskCompletionSource? rest;
        lock (_lock)
        {
            rest = _rest;
            _rest = null;
        }

        rest?.TrySetResult();
    }

    /// <summary>Completes when nothing is going on, and the test can see what has been answered.</summary>
    public async Task AtRestAsync()
    {
        do
        {
            await ActorsAtRest().ConfigureAwait(false);
            foreach (var (seen, answer) in _answers)
            {
                if (answer.IsCompleted)
                {
                    await Task.WhenAny(seen).WaitAsync(Patience).ConfigureAwait(false); // its continuation waits for a thread of the pool
                }
            }
        }
        while (!IsAtRest);
    }

    private async Task ActorsAtRest()
    {
        while (!IsAtRest)
        {
            Task rest;
            lock (_lock)
            {
                rest = (_rest ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            Changed(); // it may have come to rest in between
            try
            {
                await rest.WaitAsync(Patience).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException(
                    $"the broker has not come to rest within {Patience.TotalSeconds} s of real time: {Volatile.Read(ref _queued) + Volatile.Read(ref _beside)} "
                    + $"mailboxes are still running and the store owes {Volatile.Read(ref _asked)} answers");
            }
        }
    }

    /// <summary>Its receiver is counted before the moment is counted out.</summary>
    private bool TryEndMoment()
    {
        (IActorRef Receiver, object Message) moment;
        lock (_lock)
        {
            if (!IsQuiet || !_moments.TryDequeue(out moment))
            {
                return false;
            }

            Moments++;
        }

        moment.Receiver.Tell(moment.Message, ActorRefs.NoSender);
        Interlocked.Decrement(ref _waiting);
        return true;
    }

    private void Drain()
    {
        RunNext();
        DrainRest();
    }

    private void DrainRest()
    {
        while (Interlocked.Decrement(ref _queued) > 0)
        {
            RunNext();
        }

        Changed();
    }

    private void RunNext()
    {
        if (_lane.TryDequeue(out var mailbox))
        {
            HotTurn.Run(mailbox);
        }
    }

    private void Leave(ref int count)
    {
        if (Interlocked.Decrement(ref count) == 0)
        {
            Changed();
        }
    }
}
