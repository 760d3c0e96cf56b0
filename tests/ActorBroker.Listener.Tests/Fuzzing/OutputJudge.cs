using System.Buffers;
using System.IO.Pipelines;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Fuzzing;

/// <summary>
/// Reads all that the broker sends to one client and holds it to the protocol, whatever the client did: whole frames, content in its
/// order, nothing on a channel that was closed, and at most one connection.close, with a hard code, as the last word.
/// </summary>
public sealed class OutputJudge
{
    private const uint FrameMax = 131072;

    private readonly Dictionary<ushort, ChannelState> _channels = [];
    private bool _anyFrame;

    /// <summary>What the broker closed the connection with, if it did.</summary>
    public ReplyCode? Verdict { get; private set; }

    /// <summary>Frames seen.</summary>
    public int Frames { get; private set; }

    /// <summary>Channels that the broker closed.</summary>
    public int ChannelErrors { get; private set; }

    /// <summary>connection.open-ok was seen.</summary>
    public bool WasIn { get; private set; }

    /// <summary>Reads to the end of the stream.</summary>
    public async Task Read(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            if (!_anyFrame && buffer.Length > 0 && buffer.FirstSpan[0] == 'A')
            {
                if (buffer.Length < 8 && !result.IsCompleted)
                {
                    input.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                Assert.Equal(Support.Frames.ProtocolHeader, buffer.ToArray()); // and nothing else
                buffer = buffer.Slice(buffer.End);
            }

            while (FrameReader.TryRead(ref buffer, FrameMax, out var frame))
            {
                Judge(new WireFrame(frame.Type, frame.Channel, frame.Payload.ToArray()));
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                Assert.True(buffer.IsEmpty, "the broker ended the stream inside a frame");
                return;
            }
        }
    }

    private void Judge(WireFrame frame)
    {
        _anyFrame = true;
        Frames++;
        if (frame.Channel == 0)
        {
            JudgeConnection(frame);
            return;
        }

        Assert.True(Verdict is null, $"{frame} after connection.close");
        if (frame.MethodId == ChannelOpenOk.Id)
        {
            _channels[frame.Channel] = new ChannelState();
            return;
        }

        Assert.True(_channels.TryGetValue(frame.Channel, out var channel), $"{frame} on a channel that is not open");
        if (frame.MethodId == ChannelCloseOk.Id)
        {
            channel.Closed = true;
            return;
        }

        Assert.False(channel.Closed, $"{frame} on a channel that was closed");
        if (frame.MethodId == ChannelClose.Id)
        {
            ChannelErrors++;
            Assert.False(frame.As<ChannelClose>().ReplyCode.ClosesConnection, $"{frame}: a hard code on a channel");
            Assert.True(channel.BodyLeft == 0 && !channel.ExpectsHeader, $"{frame} inside a content");
            channel.Closed = true;
            return;
        }

        channel.Judge(frame);
    }

    private void JudgeConnection(WireFrame frame)
    {
        if (frame.Type == FrameType.Heartbeat)
        {
            return;
        }

        switch (frame.MethodId)
        {
            case ConnectionClose.Id:
                Assert.Null(Verdict);
                Verdict = frame.As<ConnectionClose>().ReplyCode;
                Assert.True((int)Verdict is 320 or 402 or 403 or >= 500, $"{frame}: a soft code on a connection");
                Assert.NotEqual(ReplyCode.InternalError, Verdict);
                break;
            case ConnectionOpenOk.Id:
                WasIn = true;
                break;
            case ConnectionCloseOk.Id or ConnectionStart.Id or ConnectionTune.Id or ConnectionUpdateSecretOk.Id:
                break;
            default:
                Assert.Fail($"{frame} on channel 0");
                break;
        }
    }

    private sealed class ChannelState
    {
        public bool Closed { get; set; }

        public bool ExpectsHeader { get; private set; }

        public ulong BodyLeft { get; private set; }

        public void Judge(WireFrame frame)
        {
            switch (frame.Type)
            {
                case FrameType.Header:
                    Assert.True(ExpectsHeader, $"{frame} without a method");
                    var header = ContentHeader.Parse(frame.Payload);
                    BasicProperties.Decode(header.Properties);
                    (ExpectsHeader, BodyLeft) = (false, header.BodySize);
                    break;
                case FrameType.Body:
                    Assert.True((ulong)frame.Payload.Length <= BodyLeft, $"{frame}, {BodyLeft} bytes were left");
                    BodyLeft -= (ulong)frame.Payload.Length;
                    break;
                default:
                    Assert.True(!ExpectsHeader && BodyLeft == 0, $"{frame} inside a content");
                    Assert.Equal(FrameType.Method, frame.Type);
                    ExpectsHeader = frame.MethodId is BasicDeliver.Id or BasicGetOk.Id or BasicReturn.Id;
                    break;
            }
        }
    }
}
