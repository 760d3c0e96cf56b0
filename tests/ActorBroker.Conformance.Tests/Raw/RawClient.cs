using System.Buffers.Binary;
using System.Net.Sockets;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>What a raw client answers during the handshake; the defaults are those of a well-behaved client.</summary>
public sealed record Handshake
{
    public string Mechanism { get; init; } = "PLAIN";

    public byte[] Response { get; init; } = "\0guest\0guest"u8.ToArray();

    public string VirtualHost { get; init; } = "/";

    /// <summary>Null takes over what the broker offers; likewise the next.</summary>
    public ushort? ChannelMax { get; init; }

    public uint? FrameMax { get; init; }

    /// <summary>Seconds; 0 switches heartbeats off.</summary>
    public ushort Heartbeat { get; init; }

    /// <summary>Client capability <c>authentication_failure_close</c>.</summary>
    public bool WantsAuthenticationFailureClose { get; init; } = true;
}

/// <summary>A socket that sends the bytes it is told to and reads frames. Does nothing by itself.</summary>
public sealed class RawClient : IAsyncDisposable
{
    private readonly TcpClient _socket = new() { NoDelay = true };
    private readonly Phase _phase;
    private NetworkStream _stream = null!;

    private RawClient(Phase phase) => _phase = phase;

    /// <summary>Arguments of the <c>connection.start</c> (10, 10) that opened the handshake.</summary>
    public RawFrame Start { get; private set; } = null!;

    /// <summary>Channel limit, frame limit and heartbeat that the broker offered.</summary>
    public (ushort ChannelMax, uint FrameMax, ushort Heartbeat) Offer { get; private set; }

    /// <summary>A bare TCP connection.</summary>
    public static async Task<RawClient> Connect(BrokerEndpoint endpoint, Phase phase)
    {
        var client = new RawClient(phase);
        phase.Current = "a TCP connection";
        await client._socket.ConnectAsync(endpoint.Host, endpoint.Port, phase.Deadline);
        client._stream = client._socket.GetStream();
        return client;
    }

    /// <summary>A connection after <c>connection.open-ok</c> (10, 41).</summary>
    public static async Task<RawClient> Open(BrokerEndpoint endpoint, Phase phase, Handshake? handshake = null)
    {
        var client = await Connect(endpoint, phase);
        await client.SendOpen(handshake ?? new Handshake());
        await client.Expect(Methods.ConnectionOpenOk);
        return client;
    }

    /// <summary>The handshake up to start-ok.</summary>
    public async Task SendStartOk(Handshake handshake)
    {
        await Send(FrameBytes.ProtocolHeader);
        Start = await Expect(Methods.ConnectionStart);
        var capabilities = handshake.WantsAuthenticationFailureClose
            ? new Args().ShortString("authentication_failure_close").Octet((byte)'t').Octet(1)
            : new Args();
        await Send(0, Methods.ConnectionStartOk, a => a
            .Table(("product", "raw"), ("capabilities", capabilities))
            .ShortString(handshake.Mechanism)
            .LongString(handshake.Response)
            .ShortString("en_US"));
    }

    /// <summary>The handshake up to tune-ok.</summary>
    public async Task SendTuneOk(Handshake handshake)
    {
        await SendStartOk(handshake);
        var tune = (await Expect(Methods.ConnectionTune)).Arguments();
        Offer = (tune.Short(), tune.Long(), tune.Short());
        await Send(0, Methods.ConnectionTuneOk, a => a
            .Short(handshake.ChannelMax ?? Offer.ChannelMax)
            .Long(handshake.FrameMax ?? Offer.FrameMax)
            .Short(handshake.Heartbeat));
    }

    /// <summary>The whole handshake; the answer is left to be read.</summary>
    public async Task SendOpen(Handshake handshake)
    {
        await SendTuneOk(handshake);
        await Send(0, Methods.ConnectionOpen, a => a.ShortString(handshake.VirtualHost).ShortString("").Octet(0));
    }

    public async Task OpenChannel(ushort channel)
    {
        await Send(channel, Methods.ChannelOpen, a => a.ShortString(""));
        await Expect(Methods.ChannelOpenOk);
    }

    public async Task Send(params byte[] bytes) => await _stream.WriteAsync(bytes, _phase.Deadline);

    public Task Send(ushort channel, MethodId method, Action<Args>? arguments = null) =>
        Send(FrameBytes.Method(channel, method, arguments));

    /// <summary>The next frame, heartbeats included; null when the broker has closed the socket.</summary>
    public async Task<RawFrame?> Read()
    {
        try
        {
            var head = new byte[7];
            if (await _stream.ReadAtLeastAsync(head, 7, throwOnEndOfStream: false, _phase.Deadline) < 7)
            {
                return null;
            }

            var rest = new byte[BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(3)) + 1];
            await _stream.ReadExactlyAsync(rest, _phase.Deadline);
            Assert.Equal(FrameBytes.End, rest[^1]);
            return new RawFrame(head[0], BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(1)), rest[..^1]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next frame that is no heartbeat.</summary>
    public async Task<RawFrame?> ReadPastHeartbeats()
    {
        while (true)
        {
            var frame = await Read();
            if (frame is not { Type: FrameBytes.HeartbeatFrame })
            {
                return frame;
            }
        }
    }

    /// <summary>The next frame, which has to be this method.</summary>
    public async Task<RawFrame> Expect(MethodId method)
    {
        _phase.Current = $"method {method}";
        var frame = await ReadPastHeartbeats();
        Assert.True(frame?.Method == method, $"expected {method}, got {frame?.ToString() ?? "the end of the stream"}");
        return frame!;
    }

    /// <summary>The next frame, which has to be a close; answers it, as a client must.</summary>
    public async Task<Refusal> ExpectRefusal()
    {
        _phase.Current = "channel.close or connection.close";
        var frame = await ReadPastHeartbeats();
        var refusal = frame?.AsRefusal();
        Assert.True(refusal is not null, $"expected a close, got {frame?.ToString() ?? "the end of the stream"}");
        var answer = refusal.What == Closes.Channel ? Methods.ChannelCloseOk : Methods.ConnectionCloseOk;
        await Send(frame!.Channel, answer);
        return refusal;
    }

    /// <summary>
    /// The broker ends the connection. Null where it closes the socket without a word, as RabbitMQ does with clients
    /// that break the handshake.
    /// </summary>
    public async Task<Refusal?> ExpectGone()
    {
        _phase.Current = "connection.close or the end of the stream";
        var refusal = (await ReadPastHeartbeats()) is { } frame ? frame.AsRefusal() : null;
        if (refusal is not null)
        {
            await Send(0, Methods.ConnectionCloseOk);
        }

        Assert.Empty(await ExpectEnd());
        return refusal;
    }

    /// <summary>Reads up to the end of the stream; the frames that were still under way.</summary>
    public async Task<List<RawFrame>> ExpectEnd()
    {
        _phase.Current = "the broker to close the socket";
        var frames = new List<RawFrame>();
        while (await ReadPastHeartbeats() is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>Every byte up to the end of the stream.</summary>
    public async Task<byte[]> ReadToEnd()
    {
        _phase.Current = "the end of the stream";
        var all = new MemoryStream();
        try
        {
            await _stream.CopyToAsync(all, _phase.Deadline);
        }
        catch (IOException)
        {
            // A reset is an end as well: bytes of ours may have been unread when the broker closed.
        }

        return all.ToArray();
    }

    /// <summary>Cuts the connection the hard way: the broker sees a reset and no close.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Shuts down only our half: the broker may still write.</summary>
    public void FinishSending() => _socket.Client.Shutdown(SocketShutdown.Send);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
