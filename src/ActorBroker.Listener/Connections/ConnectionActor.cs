using ActorBroker.Consumers;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// The cold path of one connection: supervises its consumers and keeps its times (handshake, heartbeats, close). Messages never pass here.
/// </summary>
internal sealed class ConnectionActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);
    private readonly AmqpConnection _connection;
    private long _lastSends;
    private long _lastReads;
    private int _silentTicks;

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
        Context.GetLogger().Error(fault, "a consumer of {0} failed; the connection is closed", _connection);
        _connection.Abort();
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConnectionProtocol.StartConsumer start:
                Context.ActorOf(ConsumerActor.Props(start.Link, start.Subscribed));
                break;
            case ConnectionProtocol.ConsumersGone gone:
                foreach (var link in gone.Links)
                {
                    Context.Stop(link.Actor);
                }

                break;
            case ConnectionProtocol.Opened opened:
                Timers.Cancel(Tick.Handshake);
                if (opened.Heartbeat > TimeSpan.Zero && _connection.Settings.WatchesHeartbeats)
                {
                    Timers.StartPeriodicTimer(Tick.Heartbeat, Tick.Heartbeat, opened.Heartbeat / 2);
                }

                break;
            case ConnectionProtocol.Wait wait:
                Timers.StartSingleTimer(wait, wait.Over, wait.Time);
                break;
            case TaskCompletionSource over:
                over.TrySetResult();
                break;
            case ConnectionProtocol.Closing:
                Timers.StartSingleTimer(Tick.Close, Tick.Close, CloseTimeout);
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
            case Tick.Heartbeat:
                Heartbeat();
                break;
        }
    }

    /// <summary>Every half interval: send if nothing was sent; give up after two silent intervals.</summary>
    private void Heartbeat()
    {
        if (_connection.Outbox.Sends == _lastSends)
        {
            _connection.SendHeartbeat();
        }

        var takesData = _connection.Outbox.IsOverfull && _connection.Outbox.Sends != _lastSends; // not read meanwhile, but alive
        _lastSends = _connection.Outbox.Sends;
        _silentTicks = _connection.Reads == _lastReads && !_connection.IsHeldBack && !takesData ? _silentTicks + 1 : 0;
        _lastReads = _connection.Reads;
        if (_silentTicks >= 4)
        {
            Context.GetLogger().Warning("{0}: missed heartbeats from client, closed", _connection);
            _connection.Abort();
        }
    }

    private enum Tick
    {
        Handshake,
        Heartbeat,
        Close,
    }
}
