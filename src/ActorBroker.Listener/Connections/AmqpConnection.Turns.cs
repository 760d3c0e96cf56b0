using System.Collections.Concurrent;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Channels;
using ActorBroker.Scheduling;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <content>
/// Turns, and what waits between them. A method that needs an actor's answer stops its own channel: frames that come for it meanwhile are
/// kept, and handled when the answer has come, in a turn of its own. One turn of a connection runs at a time.
/// </content>
internal sealed partial class AmqpConnection
{
    private const int MostReplayedBytes = 64 * 1024; // in one turn, as much as by a read: the read loop waits meanwhile

    private readonly Lock _turn = new();
    private readonly ConcurrentQueue<Action> _turns = new(); // came while another one went on
    private int _turnsQueued;
    private HeldFrames? _replaying;
    private TaskCompletionSource? _rest;
    private bool _restNeedsAnswers;

    /// <summary>Runs something as a turn, when the one that goes on is over. Never throws.</summary>
    internal void RunTurn(Action work) => TryRunTurn(work, wait: true);

    /// <summary>
    /// Runs something as a turn: now, or soon when another one goes on. A connection has thousands of channels, and a turn may be a long one:
    /// no more than one thread waits for it, whatever comes meanwhile. Never throws.
    /// </summary>
    internal void RunTurnSoon(Action work)
    {
        if (!TryRunTurn(work, wait: false))
        {
            QueueTurn(work);
        }
    }

    private void QueueTurn(Action work)
    {
        _turns.Enqueue(work);
        if (Interlocked.Increment(ref _turnsQueued) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(RunQueued, this, preferLocal: false);
        }
    }

    private static readonly Action<AmqpConnection> RunQueued = static connection =>
    {
        connection._turns.TryDequeue(out var work);
        connection.RunTurn(work!);
        if (Interlocked.Decrement(ref connection._turnsQueued) > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(RunQueued!, connection, preferLocal: false);
        }
    };

    /// <summary>Runs something as a turn on another thread, behind the one that goes on; completes when it has run.</summary>
    private Task InTurn(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        QueueTurn(() =>
        {
            work();
            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>Completes when the turn that goes on is over, and those that wait behind it.</summary>
    private Task AfterThisTurn() => InTurn(static () => { });

    private bool TryRunTurn(Action work, bool wait)
    {
        try
        {
            HotTurn.Enter();
            try
            {
                if (wait)
                {
                    _turn.Enter();
                }
                else if (!_turn.TryEnter())
                {
                    return false;
                }

                try
                {
                    work();
                    FlushToQueues();
                }
                finally
                {
                    _turn.Exit();
                }
            }
            finally
            {
                HotTurn.Leave(); // others wake and run without the lock
            }
        }
        catch (Exception fault)
        {
            Broker.Log.ConnectionFailed(this, fault);
            Abort();
        }

        return true;
    }

    /// <summary>A client that has closed a channel, or all of them, has waited long enough for what went before.</summary>
    internal void CloseAnyway(AmqpChannel channel, HeldFrames held) => RunTurnSoon(() =>
    {
        if (channel.Held != held)
        {
            return;
        }

        channel.Held = null;
        while (held.Take(out var type, out var payload) is > 0 and var size)
        {
            _held.Accepted(size);
            if (IsChannelClose(type, payload))
            {
                CloseChannel(channel);
                Replay(channel.Id, held);
                return;
            }
        }
    });

    /// <summary>The same for the whole connection.</summary>
    internal void EndAnyway() => Volatile.Read(ref _rest)?.TrySetResult();

    /// <summary>The read loop's turn: handles what has arrived, up to what the whole connection must wait for.</summary>
    /// <param name="buffer">What has arrived; what was handled is cut off.</param>
    /// <param name="wait">False: not when another turn goes on just now.</param>
    /// <param name="pending">What to wait for; null for nothing.</param>
    /// <returns>False when another turn goes on.</returns>
    private bool TryTurn(ref System.Buffers.ReadOnlySequence<byte> buffer, bool wait, out ValueTask? pending)
    {
        pending = null;
        if (wait)
        {
            _turn.Enter();
        }
        else if (!_turn.TryEnter())
        {
            return false;
        }

        try
        {
            HotTurn.Enter();
        }
        catch
        {
            _turn.Exit();
            throw; // out of memory: nobody else could have a turn any more
        }

        try
        {
            try
            {
                Parse(ref buffer);
                FlushToQueues();
                (pending, _pending) = (_pending, null);
            }
            finally
            {
                _turn.Exit();
            }
        }
        finally
        {
            HotTurn.Leave();
        }

        return true;
    }

    /// <summary>A method of a channel has been begun: until it is done, what comes for the channel waits.</summary>
    /// <exception cref="AmqpException">It was refused at once.</exception>
    private void Await(AmqpChannel channel, ValueTask work)
    {
        if (work.IsCompleted)
        {
            work.GetAwaiter().GetResult();
            return;
        }

        channel.Held = _replaying ?? new HeldFrames();
        channel.Held.Method = _method;
        _ = Finish(channel, work);
    }

    /// <summary>A message takes long to route: its channel waits, and another thread does it, so that this one serves its other sockets.</summary>
    internal void RouteLate(AmqpChannel channel) => Await(channel, new ValueTask(InTurn(channel.Publisher.RouteLate)));

    /// <summary>
    /// Few bytes have become many: what was gathered for queues goes out before the next frame is handled, and if they do not take it so fast,
    /// that waits.
    /// </summary>
    internal void CutTurn() => _pending ??= default(ValueTask);

    /// <summary>True when what was gathered and what queues have not taken yet is more than may be.</summary>
    internal bool IsWide => _inFlight.IsFullWith(FanOut.Bytes);

    private async Task Finish(AmqpChannel channel, ValueTask work)
    {
        AmqpException? refusal = null;
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (AmqpException reason)
        {
            refusal = reason;
        }
        catch (Exception fault)
        {
            Broker.Log.ConnectionFailed(this, fault);
            Abort();
            return;
        }

        RunTurnSoon(() => Resume(channel, refusal));
    }

    private void Resume(AmqpChannel channel, AmqpException? refusal)
    {
        if (channel.Held is not { } held)
        {
            return; // closed meanwhile: nobody waits for the answer
        }

        channel.Held = null;
        var underWay = _method;
        _method = held.Method;
        if (refusal is not null)
        {
            Refuse(channel.Id, refusal);
        }

        Replay(channel.Id, held);
        _method = underWay;
        if (_rest is not null && !AnswersAreOutstanding(_restNeedsAnswers))
        {
            _rest.TrySetResult();
        }
    }

    private void Hold(AmqpChannel channel, HeldFrames held, byte type, ReadOnlySpan<byte> payload)
    {
        _held.Add(held.Append(type, payload));
        if (IsChannelClose(type, payload))
        {
            Actor.Tell(new ConnectionProtocol.CloseWaits(channel, held), ActorRefs.NoSender);
        }
    }

    /// <summary>Handles what was kept for a channel number, until something must wait again.</summary>
    private void Replay(ushort number, HeldFrames held)
    {
        var replayed = 0;
        _replaying = held;
        while (_phase is Phase.Running or Phase.Draining && held.Take(out var type, out var payload) is > 0 and var size)
        {
            _held.Accepted(size);
            HandleGuarded(type, number, payload);
            replayed += size;
            var channel = Channel(number);
            var isCut = _pending is not null;
            _pending = null; // of this turn, which is not the read loop's
            if (channel is { Held: null } && !held.IsEmpty && (isCut || replayed >= MostReplayedBytes || Outbox.IsOverfull))
            {
                Await(channel, NextTurn());
            }

            if (channel is { Held: not null })
            {
                _replaying = null;
                return;
            }
        }

        _replaying = null;
        _held.Accepted(held.Drop());
    }

    /// <summary>Lets others have the thread, and a client that asks for more than it takes wait: few bytes may ask for many.</summary>
    private async ValueTask NextTurn()
    {
        var room = Outbox.WhenRoom();
        if (!room.IsCompleted)
        {
            WatchHeldBack();
        }

        await room.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await AfterThisTurn().ConfigureAwait(false); // by then queues have been sent what it has gathered
        await _inFlight.WhenRoom(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The channel is closed: what it kept will not be handled.</summary>
    private void DropHeld(AmqpChannel channel)
    {
        if (channel.Held is { } held)
        {
            channel.Held = null;
            _held.Accepted(held.Drop());
        }
    }

    /// <summary>The connection ends in good order: what its channels were told before counts, as long as that does not last.</summary>
    /// <param name="answers">True: their answers are waited for, too; false: only what waits behind one.</param>
    private async ValueTask ChannelsAtRest(bool answers)
    {
        Task rest;
        lock (_turn)
        {
            if (!AnswersAreOutstanding(answers))
            {
                return;
            }

            _restNeedsAnswers = answers;
            _rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            rest = _rest.Task;
        }

        Actor.Tell(ConnectionProtocol.Ending.Instance, ActorRefs.NoSender);
        await Task.WhenAny(rest, Broker.System.WhenTerminated).WaitAsync(_closed).ConfigureAwait(false);
    }

    private bool AnswersAreOutstanding(bool all)
    {
        lock (_channels)
        {
            foreach (var channel in _channels.Values)
            {
                if (channel.Held is { } held && (all || !held.IsEmpty))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsChannelClose(byte type, ReadOnlySpan<byte> payload) =>
        type == FrameType.Method && payload.Length >= 4 && new AmqpReader(payload).ReadLong() == ChannelClose.Id;
}
