using System.Buffers;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Security;
using ActorBroker.Listener.Configuration;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <content>Class 10, connection: the handshake and everything on channel 0.</content>
internal sealed partial class AmqpConnection
{
    private readonly Action? _isIn;
    private readonly LoginMechanisms _mechanisms;
    private bool _isLoginRefused;

    private static readonly byte[] Offered = [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1];

    /// <summary>Sends a heartbeat frame.</summary>
    public void SendHeartbeat()
    {
        Outbox.Append([FrameType.Heartbeat, 0, 0, 0, 0, 0, 0, FrameReader.FrameEnd]);
        Outbox.RequestFlush();
    }

    /// <inheritdoc/>
    public void AlarmChanged()
    {
        if (!Client.CanBeBlocked || !_published || _phase != Phase.Running)
        {
            return;
        }

        lock (Outbox.Lock)
        {
            var isOn = Broker.Alarms.IsOn; // as it is now: whoever comes last tells the truth
            if (_toldBlocked == isOn)
            {
                return;
            }

            _toldBlocked = isOn;
            if (isOn)
            {
                Outbox.Write(0, new ConnectionBlocked(Broker.Alarms.Reason));
            }
            else
            {
                Outbox.Write(0, new ConnectionUnblocked());
            }
        }

        Outbox.RequestFlush();
    }

    private bool _toldBlocked;

    private bool TryReadProtocolHeader(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[8];
        var arrived = (int)Math.Min(buffer.Length, header.Length);
        buffer.Slice(0, arrived).CopyTo(header);
        var wrong = !header[..Math.Min(arrived, 4)].SequenceEqual(Offered.AsSpan(0, Math.Min(arrived, 4)))
            || (arrived == 8 && !IsAccepted(header[4..]));
        if (wrong)
        {
            Broker.Log.ConnectionRefused(this, Peer?.Address, $"it does not begin with the header of AMQP 0-9-1 but with {Convert.ToHexString(header[..arrived])}");
            buffer = buffer.Slice(buffer.End);
            Outbox.Append(Offered);
            Outbox.RequestFlush();
            _finished = true;
            return false;
        }

        if (arrived < header.Length)
        {
            return false;
        }

        buffer = buffer.Slice(header.Length);
        _phase = Phase.StartOk;
        FrameMax = ListenerLimits.HandshakeFrameMax;
        Outbox.Write(0, new ConnectionStart(0, 9, Settings.ServerProperties(Broker), _mechanisms.Offered, "en_US"));
        Outbox.RequestFlush();
        return true;
    }

    /// <summary>0-9-1, and 0-9 in both spellings that clients use for it.</summary>
    private static bool IsAccepted(ReadOnlySpan<byte> version) =>
        version.SequenceEqual<byte>([0, 0, 9, 1]) || version.SequenceEqual<byte>([1, 1, 0, 9]) || version.SequenceEqual<byte>([1, 1, 9, 1]);

    private void HandleOutsideRunning(byte type, ushort number, ReadOnlySpan<byte> payload)
    {
        if (_phase == Phase.Closing)
        {
            var isMethod = type == FrameType.Method && number == 0 && payload.Length >= 4;
            var closing = isMethod ? new AmqpReader(payload).ReadLong() : 0;
            if (closing == ConnectionClose.Id)
            {
                Outbox.Write(0, new ConnectionCloseOk());
                Outbox.RequestFlush();
            }

            _finished = closing is ConnectionCloseOk.Id or ConnectionClose.Id;
            return;
        }

        if (type == FrameType.Heartbeat)
        {
            return;
        }

        if (type != FrameType.Method || number != 0)
        {
            throw new ConnectionException(ReplyCode.ChannelError, "only methods on channel 0 may come before 'connection.open'");
        }

        var arguments = new AmqpReader(payload);
        var id = arguments.ReadLong();
        _method = id;
        switch (_phase, id)
        {
            case (Phase.StartOk, ConnectionStartOk.Id):
                Authenticate(ConnectionStartOk.Read(ref arguments));
                break;
            case (Phase.TuneOk, ConnectionTuneOk.Id):
                Tune(ConnectionTuneOk.Read(ref arguments));
                break;
            case (Phase.Open, ConnectionOpen.Id):
                Open(ConnectionOpen.Read(ref arguments));
                break;
            case (_, ConnectionClose.Id):
                Outbox.Write(0, new ConnectionCloseOk());
                Outbox.RequestFlush();
                _finished = true;
                break;
            default:
                throw new ConnectionException(
                    ReplyCode.ChannelError, $"unexpected method {MethodTable.Describe(id)} in connection state {StateName}", id);
        }
    }

    private string StateName => _phase switch
    {
        Phase.StartOk => "starting",
        Phase.TuneOk => "tuning",
        Phase.Open => "opening",
        _ => "running",
    };

    private void Authenticate(ConnectionStartOk m)
    {
        Client = ClientCapabilities.From(m.ClientProperties);
        if (_mechanisms.LogIn(m.Mechanism, m.Response.Span, IsHeard, out var name, out var why) is not { } user)
        {
            _pending = RefuseLogin(name, m.Mechanism, why);
            return;
        }

        User = user;
        _phase = Phase.TuneOk;
        Outbox.Write(0, new ConnectionTune(Settings.ChannelMax, Settings.FrameMax, (ushort)Settings.Heartbeat.TotalSeconds));
        Outbox.RequestFlush();
    }

    private bool IsHeard(string user)
    {
        var source = PeerSource.Of(Peer?.Address);
        lock (Broker.RefusedLogins)
        {
            return Broker.RefusedLogins.IsHeard(source, user, Broker.System.Scheduler.MonotonicClock);
        }
    }

    /// <summary>403, after a while if there were more of them.</summary>
    private async ValueTask RefuseLogin(string user, string mechanism, string why)
    {
        var source = PeerSource.Of(Peer?.Address);
        TimeSpan delay;
        lock (Broker.RefusedLogins)
        {
            delay = Broker.RefusedLogins.Refused(source, user, Broker.System.Scheduler.MonotonicClock, Settings.Door.RefusedLoginDelay);
        }

        _isLoginRefused = true;
        Broker.Log.LoginRefused(this, Peer?.Address, user, mechanism, why);
        if (delay > TimeSpan.Zero)
        {
            var waited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Actor.Tell(new ConnectionProtocol.Wait(delay, waited), ActorRefs.NoSender);
            await waited.Task.WaitAsync(_closed).ConfigureAwait(false);
        }

        throw new ConnectionException(
            ReplyCode.AccessRefused, $"Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.");
    }

    private void Tune(ConnectionTuneOk m)
    {
        if (m.FrameMax != 0 && m.FrameMax < ListenerLimits.FrameMin)
        {
            throw new ConnectionException(
                ReplyCode.NotAllowed, $"negotiated frame_max = {m.FrameMax} is lower than the minimum allowed value ({ListenerLimits.FrameMin})");
        }

        if (Settings.FrameMax != 0 && (m.FrameMax == 0 || m.FrameMax > Settings.FrameMax))
        {
            throw new ConnectionException(
                ReplyCode.NotAllowed, $"negotiated frame_max = {m.FrameMax} is higher than the maximum allowed value ({Settings.FrameMax})");
        }

        if (Settings.ChannelMax != 0 && (m.ChannelMax == 0 || m.ChannelMax > Settings.ChannelMax))
        {
            throw new ConnectionException(
                ReplyCode.NotAllowed, $"negotiated channel_max = {m.ChannelMax} is higher than the maximum allowed value ({Settings.ChannelMax})");
        }

        FrameMax = m.FrameMax;
        ChannelMax = m.ChannelMax;
        _phase = Phase.Open;
        Actor.Tell(new ConnectionProtocol.Tuned(TimeSpan.FromSeconds(m.Heartbeat)), ActorRefs.NoSender);
    }

    private void Open(ConnectionOpen m)
    {
        VirtualHost = Broker.FindVirtualHost(m.VirtualHost)
            ?? throw new ConnectionException(ReplyCode.NotAllowed, $"vhost {m.VirtualHost} not found", ConnectionOpen.Id);
        Access = AccessNow();
        if (!Broker.TryAddConnection(this, Settings.MaxConnections, out var refusal))
        {
            throw new ConnectionException(ReplyCode.NotAllowed, refusal, ConnectionOpen.Id);
        }

        if (Broker.FindVirtualHost(m.VirtualHost) != VirtualHost || Broker.Users.Find(User.Name) is null)
        {
            // removed meanwhile, by someone who did not see this connection yet
            throw new ConnectionException(ReplyCode.ConnectionForced, "the vhost or the user is deleted", ConnectionOpen.Id);
        }

        _phase = Phase.Running;
        _isIn?.Invoke();
        Actor.Tell(ConnectionProtocol.Opened.Instance, ActorRefs.NoSender); // a client that is in has no handshake to be late with
        Outbox.Write(0, new ConnectionOpenOk());
        Outbox.RequestFlush();
        Broker.Log.ConnectionOpened(this, User.Name, m.VirtualHost, Client.Name);
    }

    private void HandleConnectionMethod(ReadOnlySpan<byte> payload)
    {
        var arguments = new AmqpReader(payload);
        var id = arguments.ReadLong();
        switch (id)
        {
            case ConnectionClose.Id:
                FlushToQueues();
                _phase = Phase.Draining;
                _pending = CloseByClient();
                break;
            case ConnectionCloseOk.Id:
                _finished = true;
                break;
            case ConnectionUpdateSecret.Id:
                _ = ConnectionUpdateSecret.Read(ref arguments);
                UpdateSecret();
                break;
            default:
                throw new ConnectionException(ReplyCode.ChannelError, $"unexpected method in connection state {StateName}", id);
        }
    }

    /// <summary>connection.close (10, 50): exclusive queues are gone before close-ok is sent.</summary>
    private async ValueTask CloseByClient()
    {
        await ChannelsAtRest(answers: true).ConfigureAwait(false);
        RunTurn(() =>
        {
            _phase = Phase.Closing;
            CloseChannels();
        });
        Actor.Tell(ConnectionProtocol.Closing.Patiently, ActorRefs.NoSender); // a topology that waits must not hold us here
        await DropExclusiveQueues().ConfigureAwait(false);
        Outbox.Write(0, new ConnectionCloseOk());
        Outbox.RequestFlush();
        _finished = true;
    }

    private AccessControl AccessNow() => new(Broker.Users.Find(User.Name) ?? User, VirtualHost.Name, () => Broker.Users.Find(User.Name));

    /// <summary>
    /// connection.update-secret (10, 70): for tokens that run out. A user with a password stays logged in whatever the new secret is,
    /// as in RabbitMQ; its permissions are looked up anew.
    /// </summary>
    private void UpdateSecret()
    {
        Access = AccessNow();
        Outbox.Write(0, new ConnectionUpdateSecretOk());
        Outbox.RequestFlush();
    }
}
