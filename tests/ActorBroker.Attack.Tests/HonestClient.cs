using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Attack.Tests;

/// <summary>
/// One who publishes, gets and acks in a loop and measures how long each round takes. A thread and a blocking socket of its own: what
/// the attackers do to the thread pool is not felt.
/// </summary>
internal sealed class HonestClient : IDisposable
{
    /// <summary>Nothing that it waits for may take longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _queue = $"honest-{Guid.NewGuid():N}";
    private readonly Socket _socket;
    private readonly List<double> _rounds = [];
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly Thread _thread;
    private volatile bool _stop;
    private int _start;
    private int _end;
    private Exception? _fault;

    /// <summary>Connects, declares its queue, and begins.</summary>
    /// <param name="to">The server.</param>
    /// <param name="from">Its own address, one of this machine's loopback addresses.</param>
    public HonestClient(IPEndPoint to, string from = "127.0.0.1")
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
            SendTimeout = (int)Patience.TotalMilliseconds,
        };
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            _socket.Connect(to);
            _socket.Send(Frames.ProtocolHeader);
            Expect(ConnectionStart.Id);
            _socket.Send(Frames.Method(0, new Handshake().StartOk));
            Expect(ConnectionTune.Id);
            _socket.Send([.. Frames.Method(0, new Handshake().TuneOk), .. Frames.Method(0, new Handshake().Open)]);
            Expect(ConnectionOpenOk.Id);
            _socket.Send(Frames.Method(1, default(ChannelOpen)));
            Expect(ChannelOpenOk.Id);
            _socket.Send(Frames.Method(1, new QueueDeclare(_queue, false, false, Exclusive: true, false, false, FieldTable.Empty)));
            Expect(QueueDeclareOk.Id);
        }
        catch (Exception e)
        {
            var self = _socket.LocalEndPoint;
            _socket.Dispose();
            throw new IOException($"{self} did not get in: {e.Message}", e);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "honest client" };
    }

    /// <summary>How long the rounds took so far, in milliseconds.</summary>
    public IReadOnlyList<double> Rounds
    {
        get
        {
            lock (_rounds)
            {
                return [.. _rounds];
            }
        }
    }

    /// <summary>Begins its rounds.</summary>
    public HonestClient Start()
    {
        _thread.Start();
        return this;
    }

    /// <summary>One round now, by the caller's thread; before <see cref="Start"/> or after <see cref="Stop"/>.</summary>
    public void Once()
    {
        var publish = Frames.Publish(1, "", _queue, "an honest message"u8);
        _socket.Send([.. publish, .. Frames.Method(1, new BasicGet(_queue, NoAck: false))]);
        Expect(BasicGetOk.Id);
        _ = Next(); // header
        _ = Next(); // body
        _socket.Send(Frames.Method(1, new BasicAck(0, Multiple: true)));
    }

    /// <summary>Ends its rounds.</summary>
    /// <exception cref="InvalidOperationException">It was not served.</exception>
    public void Stop()
    {
        _stop = true;
        Assert.True(_thread.Join(Patience + Patience), "the honest client hangs");
        if (_fault is not null)
        {
            throw new InvalidOperationException("the honest client was not served", _fault);
        }
    }

    public void Dispose()
    {
        _stop = true;
        _socket.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop)
            {
                var started = Stopwatch.GetTimestamp();
                Once();
                lock (_rounds)
                {
                    _rounds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }
            }
        }
        catch (Exception e)
        {
            _fault = e;
        }
    }

    private void Expect(uint method)
    {
        uint got;
        do
        {
            got = Next();
        }
        while (got is 0 or ConnectionBlocked.Id or ConnectionUnblocked.Id);
        if (got != method)
        {
            throw new InvalidOperationException($"expected {MethodTable.Describe(method)}, got {MethodTable.Describe(got)}");
        }
    }

    /// <returns>The method of the next frame; 0 when it is none.</returns>
    private uint Next()
    {
        while (true)
        {
            var length = FrameReader.TryRead(_buffer.AsSpan(_start, _end - _start), 0, out var type, out _, out var payload);
            if (length > 0)
            {
                var method = type == FrameType.Method && payload >= 4
                    ? BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + FrameReader.HeaderSize))
                    : 0;
                _start += length;
                if (type != FrameType.Heartbeat)
                {
                    return method;
                }

                continue;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var received = _socket.Receive(_buffer, _end, _buffer.Length - _end, SocketFlags.None);
            _end += received > 0 ? received : throw new IOException("the server has closed the connection");
        }
    }
}
