using System.Buffers;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Channels;
using Akka.Actor;

namespace ActorBroker.Listener.Connections;

/// <content>From bytes to frames to channels, and what happens when they are wrong.</content>
internal sealed partial class AmqpConnection
{
    private void Parse(ref ReadOnlySequence<byte> buffer)
    {
        if (_phase == Phase.Header && !TryReadProtocolHeader(ref buffer))
        {
            return;
        }

        try
        {
            while (_pending is null && !_finished)
            {
                var used = ParseContiguous(buffer.FirstSpan);
                if (used > 0)
                {
                    buffer = buffer.Slice(used);
                }
                else if (buffer.IsSingleSegment || !ParseAcrossSegments(ref buffer))
                {
                    return;
                }
            }
        }
        catch (ConnectionException broken)
        {
            _method = 0;
            buffer = buffer.Slice(buffer.End); // nothing after a broken frame can be trusted
            Refuse(0, broken);
        }
    }

    /// <returns>Bytes of the complete frames handled.</returns>
    private int ParseContiguous(ReadOnlySpan<byte> span)
    {
        var at = 0;
        while (_pending is null && !_finished)
        {
            var length = FrameReader.TryRead(span[at..], FrameMax, out var type, out var channel, out var payload);
            if (length == 0)
            {
                break;
            }

            Handle(type, channel, span.Slice(at + FrameReader.HeaderSize, payload));
            at += length;
        }

        return at;
    }

    /// <summary>One frame that lies across two or more segments of the pipe.</summary>
    private bool ParseAcrossSegments(ref ReadOnlySequence<byte> buffer)
    {
        if (!FrameReader.TryRead(ref buffer, FrameMax, out var frame))
        {
            return false;
        }

        if (frame.Payload.IsSingleSegment)
        {
            Handle(frame.Type, frame.Channel, frame.Payload.FirstSpan);
            return true;
        }

        var length = (int)frame.Payload.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        frame.Payload.CopyTo(joined);
        try
        {
            Handle(frame.Type, frame.Channel, joined.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
        }

        return true;
    }

    private void Handle(byte type, ushort number, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (_phase != Phase.Running)
            {
                HandleOutsideRunning(type, number, payload);
            }
            else if (Settings.Gate is { } gate && !gate.Pass(this, type, number))
            {
                _finished = true;
                Abort();
            }
            else if (number != 0)
            {
                HandleOnChannel(type, number, payload);
            }
            else if (type == FrameType.Method)
            {
                HandleConnectionMethod(payload);
            }
            else if (type != FrameType.Heartbeat)
            {
                _method = 0;
                throw UnexpectedFrame(type);
            }
        }
        catch (AmqpException refusal)
        {
            Refuse(number, refusal);
        }
    }

    private void HandleGuarded(byte type, ushort number, ReadOnlySpan<byte> payload)
    {
        try
        {
            HandleOnChannel(type, number, payload);
        }
        catch (AmqpException refusal)
        {
            Refuse(number, refusal);
        }
    }

    private void HandleOnChannel(byte type, ushort number, ReadOnlySpan<byte> payload)
    {
        var channel = _lastChannel is { } last && last.Id == number ? last : Channel(number);
        if (channel is null)
        {
            OpenChannel(type, number, payload);
            return;
        }

        _lastChannel = channel;
        if (channel.Held is { } held)
        {
            Hold(channel, held, type, payload);
            return;
        }

        if (channel.IsClosing)
        {
            HandleWhileClosing(channel, type, payload);
            return;
        }

        var step = channel.Publisher.Step;
        switch (type)
        {
            case FrameType.Body when step == ContentStep.Body:
                channel.Publisher.Body(payload);
                break;
            case FrameType.Header when step == ContentStep.Header:
                channel.Publisher.Header(payload);
                break;
            case FrameType.Method when step == ContentStep.None:
                HandleMethod(channel, payload);
                break;
            case FrameType.Method or FrameType.Header or FrameType.Body:
                HandleOutOfStep(channel, type, step, payload);
                break;
            default:
                throw UnexpectedFrame(type);
        }
    }

    private void HandleMethod(AmqpChannel channel, ReadOnlySpan<byte> payload)
    {
        var arguments = new AmqpReader(payload);
        var id = arguments.ReadLong();
        _method = id;
        switch (id)
        {
            case BasicPublish.Id:
                _published = true;
                channel.Publisher.Begin(payload);
                break;
            case BasicAck.Id:
                var ack = BasicAck.Read(ref arguments);
                channel.Settle(ack.DeliveryTag, ack.Multiple, Core.Queues.Outcome.Ack, id);
                break;
            case ChannelOpen.Id:
                throw new ConnectionException(ReplyCode.ChannelError, "second 'channel.open' seen", id);
            case ChannelClose.Id:
                CloseChannel(channel);
                break;
            case ChannelCloseOk.Id:
                break;
            default:
                FlushToQueues(); // a method takes effect after all that was published and settled before it
                Await(channel, channel.Handle(id, ref arguments));
                break;
        }
    }

    private static void HandleOutOfStep(AmqpChannel channel, byte type, ContentStep step, ReadOnlySpan<byte> payload)
    {
        if (type == FrameType.Method && new AmqpReader(payload).ReadLong() == ChannelClose.Id)
        {
            channel.Publisher.Abandon(); // a client may close in the middle of a publish
            channel.Connection.CloseChannel(channel);
            return;
        }

        throw new ConnectionException(
            ReplyCode.UnexpectedFrame,
            step switch
            {
                ContentStep.Header => "expected content header for class 60, got non content header frame instead",
                ContentStep.Body => "expected content body, got non content body frame instead",
                _ => "expected method frame, got non method frame instead",
            },
            step == ContentStep.None ? 0 : BasicPublish.Id);
    }

    private void OpenChannel(byte type, ushort number, ReadOnlySpan<byte> payload)
    {
        if (type != FrameType.Method)
        {
            throw new ConnectionException(ReplyCode.UnexpectedFrame, "expected method frame, got non method frame instead");
        }

        if (new AmqpReader(payload).ReadLong() is not (ChannelOpen.Id or ChannelCloseOk.Id))
        {
            throw new ConnectionException(ReplyCode.ChannelError, "expected 'channel.open'");
        }

        if (new AmqpReader(payload).ReadLong() == ChannelCloseOk.Id)
        {
            return; // a late answer on a channel that both sides closed
        }

        int open;
        lock (_channels)
        {
            open = _channels.Count;
        }

        if (ChannelMax != 0 && (open >= ChannelMax || number > ChannelMax))
        {
            throw new ConnectionException(
                ReplyCode.NotAllowed, $"number of channels opened ({open}) has reached the negotiated channel_max ({ChannelMax})", ChannelOpen.Id);
        }

        var channel = new AmqpChannel(this, number);
        lock (_channels)
        {
            _channels.Add(number, channel);
        }

        channel.Write(new ChannelOpenOk());
    }

    private void HandleWhileClosing(AmqpChannel channel, byte type, ReadOnlySpan<byte> payload)
    {
        if (type != FrameType.Method)
        {
            return;
        }

        switch (new AmqpReader(payload).ReadLong())
        {
            case ChannelCloseOk.Id:
                Forget(channel);
                break;
            case ChannelClose.Id: // both sides close at once: the client still expects its answer, and still owes ours
                WriteLast(channel, new ChannelCloseOk());
                break;
        }
    }

    private void CloseChannel(AmqpChannel channel)
    {
        FlushToQueues();
        Forget(channel);
        channel.IsClosing = true; // late confirms must not reach the next channel of this number
        channel.Close();
        WriteLast(channel, new ChannelCloseOk());
    }

    /// <summary>Writes to a channel that says nothing more itself.</summary>
    private void WriteLast<T>(AmqpChannel channel, in T method)
        where T : struct, IAmqpMethod
    {
        Outbox.Write(channel.Id, method);
        Outbox.RequestFlush();
    }

    private void Forget(AmqpChannel channel)
    {
        lock (_channels)
        {
            _channels.Remove(channel.Id);
        }

        _lastChannel = null;
    }

    /// <summary>Tells the peer what was wrong and closes the channel or the connection, as the code asks.</summary>
    private void Refuse(ushort number, AmqpException refusal)
    {
        if (_phase == Phase.Closing)
        {
            return;
        }

        FlushToQueues(); // what came before the error counts
        var method = refusal.MethodId == 0 ? _method : refusal.MethodId;
        var (classNumber, methodNumber) = ((ushort)(method >> 16), (ushort)method);
        if (_phase is Phase.Running)
        {
            Broker.Log.Refused(this, number, refusal);
        }
        else if (!_isLoginRefused) // that has a line of its own
        {
            Broker.Log.ConnectionRefused(this, Peer?.Address, refusal.ReplyText);
        }

        if (refusal is ChannelException && Channel(number) is { } channel)
        {
            channel.IsClosing = true;
            channel.Close();
            WriteLast(channel, new ChannelClose(refusal.Code, refusal.ReplyText, classNumber, methodNumber));
            return;
        }

        if (_phase is not (Phase.Open or Phase.Running or Phase.Draining) && !Client.CanFailAuthentication)
        {
            _finished = true;
            return;
        }

        _phase = Phase.Closing;
        CloseChannels();
        Outbox.Write(0, new ConnectionClose(refusal.Code, refusal.ReplyText, classNumber, methodNumber));
        Outbox.RequestFlush();
        Actor.Tell(ConnectionProtocol.Closing.Patiently, ActorRefs.NoSender);
    }

    private static ConnectionException UnexpectedFrame(byte type) => type switch
    {
        FrameType.Method or FrameType.Header or FrameType.Body => new(ReplyCode.UnexpectedFrame, "unexpected frame on channel 0"),
        FrameType.Heartbeat => new(ReplyCode.UnexpectedFrame, "heartbeat on a channel other than 0"),
        _ => new(ReplyCode.FrameError, $"unknown frame type {type}"),
    };
}
