using ActorBroker.Consumers;
using ActorBroker.Diagnostics;
using ActorBroker.Listener.Transport;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// The cold path of one connection: supervises its consumers and keeps its times (handshake, heartbeats, close), and looks after a client
/// whose socket is not read. Messages never pass here.
/// </summary>
internal sealed class ConnectionActor : UntypedActor, IWithTimers
{
    private const int TicksOfHeartbeat = 8; // in an interval
    private const int FewestSilentTicks = 4; // a broker that stood still itself has not listened

    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly AmqpConnection _connection;
    private TimeSpan _heartbeat;
    private TimeSpan _lastTick;
    private TimeSpan _quietSince;
    private TimeSpan _heard;
    private long _lastSends;
    private long _lastReads;
    private int _silentTicks;
    private long _readsWhenLeft = -1;

    /// <summary>The actor of <paramref name="connection"/>.</summary>
    public ConnectionActor(AmqpConnection connection) => _connection = connection;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>How to start it.</summary>
    public static Props Props(AmqpConnection connection) => Akka.Actor.Props.Create(() => new ConnectionActor(connection));

    /// <inheritdoc/>
    protected override void PreStart() =>
        Timers.StartSingleTimer(Tick.Handshake, Tick.Handshake, _connection.Settings.HandshakeTimeout);

    /// <summary>A consumer that fails would lose its place in the stream: its connection is closed, its messages go back.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(fault =>
    {
        Context.GetLogger().OneLine().Error(fault, "a consumer of {0} failed; the connection is closed", _connection);
        _connection.Abort();
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConnectionProtocol.StartConsumer start:
                start.Link.Actor = Context.ActorOf(ConsumerActor.Props(start.Link, start.Subscribed)); // known before it may have to go
                break;
            case ConnectionProtocol.ConsumersGone gone:
                foreach (var link in gone.Links)
                {
                    Context.Stop(link.Actor);
                }

                break;
            case ConnectionProtocol.Tuned tuned:
                if (tuned.Heartbeat > TimeSpan.Zero && _connection.Settings.WatchesHeartbeats)
                {
                    _heartbeat = tuned.Heartbeat;
                    _lastTick = _quietSince = _heard = Now;
                    Timers.StartPeriodicTimer(Tick.Heartbeat, Tick.Heartbeat, tuned.Heartbeat / TicksOfHeartbeat);
                }

                break;
            case ConnectionProtocol.Opened:
                Timers.Cancel(Tick.Handshake);
                break;
            case ConnectionProtocol.HeldBack:
                Timers.StartPeriodicTimer(Tick.Look, Tick.Look, LookEvery);
                break;
            case ConnectionProtocol.CloseWaits waits:
                Timers.StartSingleTimer(waits.Held, new CloseDue(waits), EndTimeout);
                break;
            case CloseDue due:
                _connection.CloseAnyway(due.Waits.Channel, due.Waits.Held);
                break;
            case ConnectionProtocol.Ending:
                Timers.StartSingleTimer(Tick.End, Tick.End, EndTimeout);
                break;
            case ConnectionProtocol.Wait wait:
                Timers.StartSingleTimer(wait, wait.Over, wait.Time);
                break;
            case TaskCompletionSource over:
                over.TrySetResult();
                break;
            case ConnectionProtocol.Closing closing:
                Timers.StartSingleTimer(Tick.Close, Tick.Close, closing.Timeout);
                break;
            case ConnectionProtocol.Closed:
                Context.Stop(Self);
                break;
            case Tick.Handshake:
                _connection.Broker.Log.ConnectionRefused(
                    _connection, _connection.Peer?.Address, $"its handshake is not finished after {_connection.Settings.HandshakeTimeout}");
                _connection.Abort();
                break;
            case Tick.Close:
                _connection.Abort();
                break;
            case Tick.End:
                _connection.EndAnyway();
                break;
            case Tick.Look:
                Look();
                break;
            case Tick.Heartbeat:
                Heartbeat();
                break;
        }
    }

    private static TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    /// <summary>
    /// The client never waits longer than half an interval for a sign of life, whatever was sent between two ticks; one that gives none
    /// itself in two intervals is gone.
    /// </summary>
    private void Heartbeat()
    {
        var now = Now;
        var (sends, reads) = (_connection.Outbox.Sends, _connection.Reads);
        var takesData = _connection.IsNotRead && sends != _lastSends; // but alive
        if (sends != _lastSends)
        {
            (_lastSends, _quietSince) = (sends, _lastTick); // it may have been just after that
        }
        else if (now - _quietSince >= (_heartbeat / 2) - (_heartbeat / TicksOfHeartbeat))
        {
            _connection.SendHeartbeat();
            (_lastSends, _quietSince) = (sends + 1, now);
        }

        _lastTick = now;
        if (reads != _lastReads || _connection.IsHeldBack || takesData)
        {
            (_lastReads, _heard, _silentTicks) = (reads, now, 0);
        }
        else if (++_silentTicks >= FewestSilentTicks && now - _heard >= 2 * _heartbeat)
        {
            Context.GetLogger().OneLine().Warning("{0}: missed heartbeats from client, closed", _connection);
            _connection.Abort();
        }
    }

    /// <summary>
    /// While the socket is not read. A client that was cut off is gone at once. One that has closed its side has still sent what lies before us: it is gone when nothing
    /// of it was read between two looks.
    /// </summary>
    private void Look()
    {
        if (_connection.NeedsNoWatch())
        {
            Timers.Cancel(Tick.Look);
            _readsWhenLeft = -1;
            return;
        }

        _connection.Outbox.LookForRoom();
        if (!_connection.IsNotRead || _connection.Watch is not { } watch)
        {
            return;
        }

        var peer = watch.Look();
        if (peer == Peer.Lost || (peer == Peer.Left && _readsWhenLeft == _connection.Reads))
        {
            Context.GetLogger().OneLine().Info("{0}: the client has closed its socket while it was held back", _connection);
            _connection.Abort();
        }

        _readsWhenLeft = peer == Peer.Left ? _connection.Reads : -1;
    }

    private sealed record CloseDue(ConnectionProtocol.CloseWaits Waits) : INoSerializationVerificationNeeded;

    private enum Tick
    {
        Handshake,
        Heartbeat,
        Look,
        End,
        Close,
    }
}
