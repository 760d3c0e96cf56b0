using System.Buffers;
using System.IO.Pipelines;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>A client that sends what it is told to and reads frames, each within a deadline. Does nothing by itself.</summary>
public sealed partial class WireClient(PipeReader input, PipeWriter output, Action? close = null) : IAsyncDisposable
{
    /// <summary>How long a client waits for what must come. Long, for slow machines: it ends a hang, it measures nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private bool _closed;

    public WireClient(IDuplexPipe transport)
        : this(transport.Input, transport.Output)
    {
    }

    /// <summary>Sends bytes; completes when the transport has taken them.</summary>
    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await output.WriteAsync(bytes, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the broker did not take {bytes.Length} bytes within {Patience}");
        }
    }

    public Task Send<T>(ushort channel, T method)
        where T : struct, IAmqpMethod => Send(Frames.Method(channel, method));

    /// <summary>Sends without a deadline; completes when the broker has read enough. False when it reads no more at all.</summary>
    public async Task<bool> SendFlood(ReadOnlyMemory<byte> bytes) => !(await output.WriteAsync(bytes)).IsCompleted;

    /// <summary>Nothing more will be sent: the broker sees the end of the stream.</summary>
    public void FinishSending() => output.Complete();

    /// <summary>The next frame, heartbeats too; null at the end of the stream.</summary>
    public async Task<WireFrame?> ReadAny(string what)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(deadline.Token);
                var buffer = result.Buffer;
                if (FrameReader.TryRead(ref buffer, frameMax: 0, out var frame))
                {
                    var read = new WireFrame(frame.Type, frame.Channel, frame.Payload.ToArray());
                    input.AdvanceTo(buffer.Start);
                    return read;
                }

                Assert.True(!result.IsCompleted || buffer.IsEmpty, "the stream ended inside a frame");
                input.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"waited {Patience} for {what}");
        }
        catch (IOException) // a reset
        {
            return null;
        }
    }

    /// <summary>The next frame that is no heartbeat; null at the end of the stream.</summary>
    public async Task<WireFrame?> Read(string what)
    {
        while (true)
        {
            var frame = await ReadAny(what);
            if (frame is not { Type: FrameType.Heartbeat })
            {
                return frame;
            }
        }
    }

    /// <summary>The next frame, which must be this method on this channel.</summary>
    public async Task<T> Expect<T>(ushort channel)
        where T : struct, IAmqpMethod<T>
    {
        var frame = await Read(typeof(T).Name);
        Assert.True(
            frame is not null && frame.MethodId == T.MethodId && frame.Channel == channel,
            $"expected {typeof(T).Name} on channel {channel}, got {frame?.ToString() ?? "the end of the stream"}");
        return frame!.As<T>();
    }

    /// <summary>Sends a method and waits for its answer.</summary>
    public async Task<TOk> Call<T, TOk>(ushort channel, T method)
        where T : struct, IAmqpMethod
        where TOk : struct, IAmqpMethod<TOk>
    {
        await Send(channel, method);
        return await Expect<TOk>(channel);
    }

    /// <summary>Reads to the end of the stream.</summary>
    public async Task<List<WireFrame>> ReadToEnd()
    {
        var frames = new List<WireFrame>();
        while (await ReadAny("the end of the stream") is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>All bytes up to the end of the stream, frames or not.</summary>
    public async Task<byte[]> ReadBytesToEnd()
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var bytes = new MemoryStream();
        await input.CopyToAsync(bytes, deadline.Token);
        return bytes.ToArray();
    }

    /// <summary>connection.close comes next; it is answered, and the stream ends.</summary>
    public async Task<ConnectionClose> ExpectConnectionClose()
    {
        var close = await Expect<ConnectionClose>(0);
        await Send(0, default(ConnectionCloseOk));
        await ExpectEnd();
        return close;
    }

    /// <summary>channel.close comes next; it is answered.</summary>
    public async Task<ChannelClose> ExpectChannelClose(ushort channel)
    {
        var close = await Expect<ChannelClose>(channel);
        await Send(channel, default(ChannelCloseOk));
        return close;
    }

    /// <summary>The stream ends with nothing more in it.</summary>
    public async Task ExpectEnd() =>
        Assert.Equal([], (await ReadToEnd()).Where(f => f.Type != FrameType.Heartbeat).Select(f => f.ToString()));

    /// <summary>Goes away without a word.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        await output.CompleteAsync();
        await input.CompleteAsync();
        close?.Invoke();
    }
}
