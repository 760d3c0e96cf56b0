using System.Buffers.Binary;
using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Fuzzing;

/// <summary>
/// Frames of a client that does whatever comes to its mind, the same for the same seed. A mild one speaks AMQP and makes only such
/// mistakes as close a channel now and then, so that it gets deep; a wild one breaks methods, content and frames as well.
/// </summary>
public sealed class FrameFuzzer(int seed)
{
    /// <summary>Queues that are there before the fuzzing starts.</summary>
    public static readonly IReadOnlyList<string> Queues = [.. Enumerable.Range(0, 12).Select(i => $"fuzz-{i}")];

    private const int Channels = 8;
    private static readonly string[] Exchanges = ["", "", "", "amq.direct", "amq.topic", "amq.fanout", "amq.headers", "fuzz-x", "fuzz-y", "missing"];
    private static readonly string[] Types = ["direct", "topic", "fanout", "headers", "x-unknown"];
    private static readonly string[] Keys = ["a.b.c", "*.b.#", "#", "", "fuzz-3"];

    private readonly Random _random = new(seed);
    private int _tags;

    /// <summary>How many frames were made.</summary>
    public int Count { get; private set; }

    /// <summary>A good handshake and open channels.</summary>
    public byte[] Opening()
    {
        Count += 4 + Channels;
        return [.. new Handshake().AllAtOnce, .. Enumerable.Range(1, Channels).SelectMany(n => Frames.Method((ushort)n, default(ChannelOpen)))];
    }

    /// <summary>A handshake with something wrong in it, once or more.</summary>
    public byte[] BrokenHandshake()
    {
        Count += 4;
        var good = new Handshake { Mechanism = Chance(3) ? "AMQPLAIN" : "PLAIN" };
        byte[][] steps = [Frames.ProtocolHeader, Frames.Method(0, good.StartOk), Frames.Method(0, good.TuneOk), Frames.Method(0, good.Open)];
        switch (_random.Next(5))
        {
            case 0:
                _random.Shuffle(steps.AsSpan(1));
                break;
            case 1:
                steps[_random.Next(1, 4)] = Mutated(steps[_random.Next(1, 4)]);
                break;
            case 2:
                steps[_random.Next(4)] = Bytes(_random.Next(0, 60));
                break;
            case 3:
                steps[3] = Any();
                break;
            default:
                byte[] all = [.. steps.SelectMany(s => s)];
                Flip(all, _random.Next(1, 5));
                return Chance(4) ? all[.._random.Next(all.Length)] : all;
        }

        return [.. steps.SelectMany(s => s)];
    }

    /// <summary>What a mild client sends next: one frame, or a few that belong together.</summary>
    public byte[] Mild() => _random.Next(100) switch
    {
        < 35 => Publish(Channel()),
        < 40 => InPieces(Channel()),
        < 50 => Reset(Channel()),
        < 51 => One(Frames.Heartbeat),
        _ => One(Method(Channel())),
    };

    /// <summary>What a wild client sends next.</summary>
    public byte[] Wild() => _random.Next(10) switch
    {
        < 5 => Mild(),
        < 8 => One(Mutated(Any())),
        8 => One(OutOfStep(Channel())),
        _ => One(Garbage()),
    };

    private byte[] One(byte[] frame)
    {
        Count++;
        return frame;
    }

    private byte[] Any() => Chance(2) ? Method(Channel()) : Frames.Header(Channel(), (ulong)_random.Next(100), Properties());

    private byte[] Publish(ushort channel)
    {
        var body = Bytes(Chance(20) ? _random.Next(10_000) : _random.Next(200));
        Count += body.Length == 0 ? 2 : 3;
        return Frames.Publish(channel, Exchange(), Key(), body, Properties(), mandatory: Chance(5));
    }

    /// <summary>A publish in small body frames, now and then with one too many.</summary>
    private byte[] InPieces(ushort channel)
    {
        var pieces = _random.Next(1, 5);
        Count += 2 + pieces;
        var announced = Chance(500) ? (ulong)_random.NextInt64() : (ulong)(pieces * 10);
        return
        [
            .. Frames.PublishMethod(channel, Exchange(), Key()), .. Frames.Header(channel, announced, Properties()),
            .. Enumerable.Range(0, pieces).SelectMany(_ => Frames.Body(channel, Bytes(10))),
        ];
    }

    /// <summary>Works on an open channel as on one that the broker has closed.</summary>
    private byte[] Reset(ushort channel)
    {
        Count += 3;
        return
        [
            .. Frames.Method(channel, new ChannelClose(ReplyCode.Success, "", 0, 0)), .. Frames.Method(channel, default(ChannelCloseOk)),
            .. Frames.Method(channel, default(ChannelOpen)),
        ];
    }

    private byte[] Method(ushort channel) => _random.Next(25) switch
    {
        0 => Frames.Method(channel, new QueueDeclare(Queue(), Chance(2), Chance(3), Chance(9), Chance(9), Chance(3), QueueArguments())),
        1 => Frames.Method(channel, new QueueBind(Queue(), Exchange(), Key(), Chance(3), Chance(3) ? Match() : FieldTable.Empty)),
        2 => Frames.Method(channel, new QueueUnbind(Queue(), Exchange(), Key(), FieldTable.Empty)),
        3 => Frames.Method(channel, new QueuePurge(Queue(), Chance(3))),
        4 => Frames.Method(channel, new QueueDelete(Chance(3) ? Queue() : "fuzz-none", Chance(2), Chance(2), Chance(3))),
        5 => Frames.Method(channel, new ExchangeDeclare(
            Pick(["fuzz-x", "fuzz-y", "amq.direct", ""]), Pick(Types), Chance(4), Chance(2), Chance(4), Chance(9), Chance(3), FieldTable.Empty)),
        6 => Frames.Method(channel, new ExchangeDelete(Pick(["fuzz-x", "fuzz-y", "fuzz-z"]), Chance(2), Chance(3))),
        7 => Frames.Method(channel, new ExchangeBind(Exchange(), Exchange(), Key(), Chance(3), FieldTable.Empty)),
        8 => Frames.Method(channel, new ExchangeUnbind(Exchange(), Exchange(), Key(), Chance(3), FieldTable.Empty)),
        9 => Frames.Method(channel, new BasicQos(0, (ushort)_random.Next(20), Chance(4))),
        10 or 11 => Frames.Method(channel, new BasicConsume(
            Chance(30) ? "amq.rabbitmq.reply-to" : Queue(), $"t{++_tags}", Chance(4), Chance(2), Chance(20), Chance(3), FieldTable.Empty)),
        12 => Frames.Method(channel, new BasicCancel($"t{_random.Next(_tags + 2)}", Chance(3))),
        13 or 14 or 15 => Frames.Method(channel, new BasicGet(Queue(), Chance(2))),
        16 or 17 => Frames.Method(channel, Tag() is var tag && tag == 0 ? new BasicAck(0, Multiple: true) : new BasicAck(tag, Chance(2))),
        18 => Frames.Method(channel, new BasicNack(Tag(), !Chance(4), Chance(2))),
        19 => Chance(4) ? Frames.Method(channel, new BasicReject(Tag() + 1, Chance(2))) : Frames.Method(channel, new BasicAck(0, Multiple: true)),
        20 => Frames.Method(channel, new BasicRecover(Requeue: !Chance(400))),
        21 => Frames.Method(channel, new ConfirmSelect(Chance(3))),
        22 => Chance(4) ? Frames.Method(channel, default(TxSelect)) : Frames.Method(channel, default(TxCommit)),
        23 => Chance(2) ? Frames.Method(channel, default(TxRollback)) : Frames.Method(channel, new BasicAck(0, Multiple: true)),
        _ => Frames.Method(channel, new ChannelFlow(Active: !Chance(400))),
    };

    /// <summary>A frame of the right size around a payload that has suffered.</summary>
    private byte[] Mutated(byte[] frame)
    {
        if (frame.Length < FrameReader.Overhead)
        {
            return Bytes(20);
        }

        var payload = frame[FrameReader.HeaderSize..^1];
        switch (_random.Next(5))
        {
            case 0:
                Flip(payload, _random.Next(1, 4));
                break;
            case 1:
                payload = payload[.._random.Next(payload.Length + 1)];
                break;
            case 2:
                payload = [.. payload, .. Bytes(_random.Next(1, 30))];
                break;
            case 3:
                var at = _random.Next(payload.Length + 1);
                payload = [.. payload[..at], .. Bytes(_random.Next(1, 8)), .. payload[at..]];
                break;
            default:
                if (payload.Length >= 4)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)(_random.Next(10) * 10));
                    BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)_random.Next(130));
                }

                break;
        }

        var type = Chance(10) ? (byte)_random.Next(10) : frame[0];
        var channel = Chance(10) ? (ushort)_random.Next(65536) : BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(1));
        return Frames.Raw(type, channel, payload);
    }

    private byte[] OutOfStep(ushort channel) => _random.Next(4) switch
    {
        0 => Frames.Header(channel, (ulong)_random.Next(1000), Properties()),
        1 => Frames.Body(channel, Bytes(_random.Next(100))),
        2 => Frames.PublishMethod(channel, Exchange(), Key(), immediate: Chance(4)),
        _ => Frames.Method(0, new ConnectionClose(ReplyCode.Success, "", 0, 0)),
    };

    private byte[] Garbage() => _random.Next(4) switch
    {
        0 => Frames.Raw(FrameType.Method, Channel(), Bytes(_random.Next(50)), end: (byte)_random.Next(256)),
        1 => [FrameType.Body, 0, 1, (byte)_random.Next(256), 0, 0, 0],
        2 => Frames.Raw((byte)_random.Next(256), (ushort)_random.Next(65536), Bytes(_random.Next(50))),
        _ => Bytes(_random.Next(1, 100)),
    };

    private byte[] Properties()
    {
        if (Chance(2))
        {
            return Frames.NoProperties;
        }

        var writer = new AmqpWriter();
        new BasicProperties
        {
            DeliveryMode = Chance(2) ? (byte)_random.Next(3) : null,
            Priority = Chance(4) ? (byte)_random.Next(256) : null,
            Expiration = Chance(5) ? Pick(["0", "10", "100000", "-1", "soon"]) : null,
            UserId = Chance(30) ? Pick(["guest", "root"]) : null,
            ReplyTo = Chance(10) ? Pick(["amq.rabbitmq.reply-to", "fuzz-2", "amq.rabbitmq.reply-to.x"]) : null,
            CorrelationId = Chance(4) ? "c" : null,
            Headers = Chance(3) ? Headers() : null,
        }.Encode(writer);
        var bytes = writer.Written.ToArray();
        if (Chance(2000))
        {
            Flip(bytes, 1);
        }

        return bytes;
    }

    private FieldTable Headers() => new(
    [
        new("CC", Chance(5) ? "no list" : new object?[] { Queue(), Chance(9) ? 7 : Key() }),
        new("BCC", new object?[] { Queue() }),
        new("color", Pick(["red", "green"])),
        new("x-death", Chance(9) ? new object?[] { "nonsense", new FieldTable([new("queue", 5)]) } : null),
    ]);

    private static FieldTable Match() => new([new("x-match", "any"), new("color", "red")]);

    private FieldTable QueueArguments() => Chance(3)
        ? FieldTable.Empty
        : new FieldTable(
        [
            new(
                Pick(["x-max-length", "x-message-ttl", "x-expires", "x-max-priority", "x-max-length-bytes", "x-nonsense"]),
                Chance(9) ? "text" : _random.Next(-1, 300)),
            new("x-dead-letter-exchange", Pick(["", "fuzz-x", "missing"])),
            new("x-overflow", Pick(["drop-head", "reject-publish", "reject-publish-dlx", "spill"])),
        ]);

    /// <summary>Mostly 0, which with multiple is always right.</summary>
    private ulong Tag() => Chance(4) ? (ulong)_random.Next(8) : 0;

    private ushort Channel() => Chance(6000) ? (ushort)_random.Next(65536) : (ushort)_random.Next(1, Channels + 1);

    private string Queue() => _random.Next(100) switch
    {
        0 => "",
        1 => "missing",
        2 => "amq.reserved",
        3 => new string('q', 255),
        _ => Queues[_random.Next(Queues.Count)],
    };

    private string Exchange() => Chance(60) ? Encoding.UTF8.GetString(Bytes(5)) : Pick(Exchanges);

    private string Key() => Chance(2) ? Queue() : Pick(Keys);

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private T Pick<T>(T[] from) => from[_random.Next(from.Length)];

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    private void Flip(byte[] bytes, int times)
    {
        for (var i = 0; i < times && bytes.Length > 0; i++)
        {
            bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
        }
    }
}
