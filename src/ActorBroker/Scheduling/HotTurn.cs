using System.Diagnostics;
using Akka.Dispatch;

namespace ActorBroker.Scheduling;

/// <summary>Something that gathers output and sends it once at the end of a turn.</summary>
internal interface IDeferredFlush
{
    /// <summary>Sends what was gathered. Called once per turn and request; must not throw.</summary>
    void FlushNow();
}

/// <summary>
/// One turn of work on a thread: a socket read with all mailboxes it wakes, or one mailbox with all that it wakes.
/// At the end every connection that was written to is flushed once.
/// </summary>
internal static class HotTurn
{
    private const int MailboxBudget = 512;
    private const int LargeTable = 4096;
    private static readonly long TimeBudget = Stopwatch.Frequency / 2000; // 0.5 ms, then other threads may help

    [ThreadStatic]
    private static State? _current;

    /// <summary>A mailbox on the thread pool as a turn of its own.</summary>
    internal static readonly Action<IRunnable> Run = static mailbox =>
    {
        Enter();
        try
        {
            mailbox.Run();
        }
        finally
        {
            Leave();
        }
    };

    /// <summary>Starts a turn on this thread; <see cref="Leave"/> must follow on the same thread, with no await between.</summary>
    public static void Enter() => (_current ??= new State()).Depth++;

    /// <summary>Runs the mailboxes woken in this turn, within a budget, then flushes what was written.</summary>
    public static void Leave()
    {
        var state = _current!;
        try
        {
            if (state.Depth == 1)
            {
                RunWoken(state);
            }
        }
        finally
        {
            state.Depth--;
            if (state.Depth == 0)
            {
                HandOver(state);
                Flush(state);
            }
        }
    }

    /// <summary>Flushes at the end of the turn, or at once when there is none.</summary>
    public static void RequestFlush(IDeferredFlush output)
    {
        if (_current is { Depth: > 0 } state)
        {
            state.Add(output);
        }
        else
        {
            output.FlushNow();
        }
    }

    internal static bool TryEnqueue(IRunnable mailbox)
    {
        if (_current is not { Depth: > 0 } state)
        {
            return false;
        }

        state.Woken.Enqueue(mailbox);
        return true;
    }

    private static void RunWoken(State state)
    {
        var left = MailboxBudget;
        var until = Stopwatch.GetTimestamp() + TimeBudget;
        while (state.Woken.TryDequeue(out var mailbox))
        {
            mailbox.Run();
            if (--left == 0 || Stopwatch.GetTimestamp() > until)
            {
                return; // the rest goes to other threads
            }
        }
    }

    /// <summary>What a fault has left behind must not wait for this thread's next turn.</summary>
    private static void HandOver(State state)
    {
        while (state.Woken.TryDequeue(out var mailbox))
        {
            ThreadPool.UnsafeQueueUserWorkItem(Run, mailbox, preferLocal: false);
        }
    }

    private static void Flush(State state)
    {
        for (var i = 0; i < state.Dirty.Count; i++)
        {
            state.Dirty[i].FlushNow();
        }

        state.Dirty.Clear();
        if (state.Known.Count > 0)
        {
            state.Known.Clear();
            if (state.Known.Capacity > LargeTable)
            {
                state.Known.TrimExcess(); // else each later turn would clear it
            }
        }
    }

    private sealed class State
    {
        private const int LinearLimit = 16;

        public readonly HashSet<IDeferredFlush> Known = new(ReferenceEqualityComparer.Instance); // when there are many

        /// <summary>Each once, however often it asks: a message may go to thousands.</summary>
        public void Add(IDeferredFlush output)
        {
            if (Dirty.Count < LinearLimit ? Dirty.Contains(output) : !Known.Add(output))
            {
                return;
            }

            Dirty.Add(output);
            if (Dirty.Count == LinearLimit)
            {
                Known.UnionWith(Dirty);
            }
        }

        public int Depth;
        public readonly Queue<IRunnable> Woken = new();
        public readonly List<IDeferredFlush> Dirty = [];
    }
}
