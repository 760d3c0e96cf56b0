using System.IO.Pipelines;
using System.Net;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Security;
using ActorBroker.Listener.Channels;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Transport;
using ActorBroker.Publishing;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// One client connection: a read loop over a pipe and its channels as plain objects. Each socket read is a turn: its frames are
/// handled, its publishes go to each queue as one batch, mailboxes woken meanwhile run, then everything written is sent once. What
/// follows an actor's answer is such a turn, too.
/// </summary>
internal sealed partial class AmqpConnection : IBrokerConnection
{
    private const int SynchronousReads = 8; // then others get the thread: one flood must not hold it

    private readonly PipeReader _input;
    private readonly Action _abort;
    private readonly CancellationToken _closed;
    private readonly InFlight _inFlight;
    private readonly InFlight _held; // bytes of frames that wait behind an answer
    private readonly Dictionary<ushort, AmqpChannel> _channels = [];
    private readonly List<ChannelPublisher> _confirming = [];
    private readonly List<AmqpChannel> _settling = [];
    private AmqpChannel? _lastChannel;
    private Phase _phase = Phase.Header;
    private ValueTask? _pending; // what all of the connection must wait for
    private uint _method; // the one being handled, for the error it may cause
    private bool _finished;
    private bool _published;
    private volatile bool _waits; // the read loop
    private int _watched; // by the actor

    /// <summary>A connection that has just been accepted.</summary>
    /// <param name="broker">The broker it talks to.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="transport">The socket, with TLS taken off.</param>
    /// <param name="peer">Who connects.</param>
    /// <param name="abort">Cuts the socket, so that the read loop ends.</param>
    /// <param name="closed">Cancelled when the socket is cut, also while it is not read.</param>
    /// <param name="isIn">Is told when the handshake is over.</param>
    /// <param name="certificateUser">Whom the client's certificate names; null when that is no way to log in.</param>
    public AmqpConnection(
        Broker broker,
        ListenerSettings settings,
        IDuplexPipe transport,
        IPEndPoint? peer,
        Action abort,
        CancellationToken closed = default,
        Action? isIn = null,
        string? certificateUser = null)
    {
        Broker = broker;
        Settings = settings;
        Peer = peer;
        Id = broker.NextConnectionId();
        _input = transport.Input;
        _abort = abort;
        _closed = closed;
        _isIn = isIn;
        _mechanisms = new LoginMechanisms(broker.Users, settings.Door.AnonymousUser, certificateUser, peer?.Address);
        _inFlight = new InFlight(settings.MaxInFlight, broker.Shares.InFlight);
        _held = new InFlight(settings.MaxInFlight, broker.Shares.HeldFrames);
        Outbox = new Outbox(transport.Output, broker.Shares.Outboxes, abort);
        FanOut = new PublishFanOut(_inFlight);
        Actor = broker.System.ActorOf(ConnectionActor.Props(this), $"amqp-connection-{Id}");
    }

    private enum Phase
    {
        Header,
        StartOk,
        TuneOk,
        Open,
        Running,
        Draining, // the client has closed the connection: its channels do what they were told before
        Closing,
    }

    string IBrokerConnection.UserName => User.Name;

    string IBrokerConnection.VirtualHostName => VirtualHost.Name;

    /// <summary>Unique on this node.</summary>
    public long Id { get; }

    /// <summary>The broker.</summary>
    public Broker Broker { get; }

    /// <summary>Limits of the connection.</summary>
    public ListenerSettings Settings { get; }

    /// <summary>Address of the client, when it has one.</summary>
    public IPEndPoint? Peer { get; }

    /// <summary>What goes to the client.</summary>
    public Outbox Outbox { get; }

    /// <summary>The actor of the connection: its cold path.</summary>
    public IActorRef Actor { get; }

    /// <summary>Reads so far; heartbeats are missed when it stands still.</summary>
    public long Reads { get; private set; }

    /// <summary>True while the broker itself does not read this socket.</summary>
    public bool IsHeldBack { get; private set; }

    /// <summary>True while its socket is not read, for whatever reason.</summary>
    public bool IsNotRead => _waits;

    /// <summary>True when it gives back what it held, or has.</summary>
    public bool HasEnded => _phase == Phase.Closing;

    /// <summary>Knows whether the client is still there while its socket is not read; null when nobody does.</summary>
    public IPeerWatch? Watch { get; init; }

    internal uint FrameMax { get; private set; }

    internal ushort ChannelMax { get; private set; }

    internal ClientCapabilities Client { get; private set; } = ClientCapabilities.None;

    internal VirtualHost VirtualHost { get; private set; } = null!;

    internal User User { get; private set; } = null!;

    internal AccessControl Access { get; private set; } = null!;

    internal SlabWriter Slabs { get; } = new();

    internal PublishFanOut FanOut { get; }

    /// <summary>Serves the client until either side ends it. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Broker.Log.ConnectionLost(this, fault.Message);
        }
        catch (Exception fault)
        {
            Abort(); // first of all: when memory is short the next line may fail as well
            Broker.Log.ConnectionFailed(this, fault);
        }
        finally
        {
            await TearDownAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _abort();

    /// <inheritdoc/>
    public void CloseForced(string reason)
    {
        if (_phase is Phase.Running)
        {
            Outbox.Write(0, new ConnectionClose(ReplyCode.ConnectionForced, $"CONNECTION_FORCED - {reason}", 0, 0));
            Outbox.RequestFlush();
        }

        Actor.Tell(ConnectionProtocol.Closing.Soon, ActorRefs.NoSender);
    }

    /// <inheritdoc/>
    public override string ToString() => $"connection {Id} from {Peer?.ToString() ?? "in-process"}";

    internal AmqpChannel? Channel(ushort id)
    {
        lock (_channels)
        {
            return _channels.GetValueOrDefault(id);
        }
    }

    /// <summary>Asks the topology for what this user may ask for, and waits for its answer.</summary>
    internal Task<T> Ask<T>(TopologyProtocol.Command<T> command)
    {
        command.Access = Access;
        Broker.Topology.Tell(command, ActorRefs.NoSender);
        return command.Reply.Task;
    }

    /// <summary>A channel has its first confirm of this turn open.</summary>
    internal void Confirming(ChannelPublisher publisher) => _confirming.Add(publisher);

    /// <summary>A channel has verdicts that its queues must hear at the end of this turn.</summary>
    internal void Settling(AmqpChannel channel)
    {
        if (!channel.Deliveries.IsSettling) // each once, however many channels and verdicts there are
        {
            channel.Deliveries.IsSettling = true;
            _settling.Add(channel);
        }
    }

    /// <summary>Hands on all that this turn has gathered: one message per queue.</summary>
    internal void FlushToQueues()
    {
        foreach (var publisher in _confirming)
        {
            publisher.BeforeFlush();
        }

        if (FanOut.Bytes > 0)
        {
            _inFlight.Add(FanOut.Bytes);
            FanOut.Flush();
        }

        foreach (var publisher in _confirming)
        {
            publisher.AfterFlush();
        }

        _confirming.Clear();
        foreach (var channel in _settling)
        {
            channel.Deliveries.TellQueues();
        }

        _settling.Clear();
    }

    private async Task ReadAsync()
    {
        var synchronous = 0;
        while (!_finished)
        {
            var reading = _input.ReadAsync();
            if (!reading.IsCompleted)
            {
                synchronous = 0;
            }
            else if (++synchronous == SynchronousReads)
            {
                synchronous = 0;
                await Task.Yield();
            }

            var result = await reading.ConfigureAwait(false);
            Reads++;
            var buffer = result.Buffer;
            while (true)
            {
                if (!TryTurn(ref buffer, wait: false, out var pending))
                {
                    await AfterThisTurn().ConfigureAwait(false); // no thread waits for it, least of all one that serves sockets
                    TryTurn(ref buffer, wait: true, out pending);
                }

                if (pending is not { } work)
                {
                    break;
                }

                await Finish(work).ConfigureAwait(false);
                if (!_finished && _inFlight.IsFull)
                {
                    await HoldBack().ConfigureAwait(false);
                }
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCanceled)
            {
                return;
            }

            if (result.IsCompleted)
            {
                await ChannelsAtRest(answers: false).ConfigureAwait(false);
                return;
            }

            if (_inFlight.IsFull || _held.IsFull || Outbox.IsOverfull || (_published && Broker.Alarms.IsOn))
            {
                await HoldBack().ConfigureAwait(false);
            }
        }

        var sent = Outbox.WhenIdle();
        if (!sent.IsCompleted)
        {
            Actor.Tell(ConnectionProtocol.Closing.Patiently, ActorRefs.NoSender); // a client that does not read must not hold us here
            await sent.ConfigureAwait(false);
        }
    }

    /// <summary>Something that concerns all of the connection: its socket is not read meanwhile.</summary>
    private async ValueTask Finish(ValueTask pending)
    {
        IsHeldBack = true;
        try
        {
            await pending.ConfigureAwait(false);
        }
        catch (AmqpException refusal)
        {
            RunTurn(() => Refuse(0, refusal));
        }

        IsHeldBack = false;
    }

    private async Task TearDownAsync()
    {
        RunTurn(() =>
        {
            _phase = Phase.Closing;
            CloseChannels();
            Outbox.Close();
            Slabs.Dispose();
        });
        await _input.CompleteAsync().ConfigureAwait(false);
        Watch?.AllIsSaid();
        await DropExclusiveQueues().ConfigureAwait(false);
        Actor.Tell(ConnectionProtocol.Closed.Instance, ActorRefs.NoSender);
        Broker.ConnectionEnded(this);
    }

    private void CloseChannels()
    {
        AmqpChannel[] channels;
        lock (_channels)
        {
            channels = [.. _channels.Values];
            _channels.Clear();
        }

        _lastChannel = null;
        foreach (var channel in channels)
        {
            channel.IsClosing = true; // nothing may follow connection.close
            DropHeld(channel);
        }

        ChannelDeliveries.Close(this, [.. channels.Select(c => c.Leave())]);
    }

    /// <summary>Does not fail: without the broker its queues are gone, too.</summary>
    private async Task DropExclusiveQueues()
    {
        if (VirtualHost is not null)
        {
            var dropped = Ask(new TopologyProtocol.ConnectionGone(VirtualHost.Name, Id));
            await Task.WhenAny(dropped, Broker.System.WhenTerminated).ConfigureAwait(false);
        }
    }
}
