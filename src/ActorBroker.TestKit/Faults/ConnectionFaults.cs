using System.Runtime.CompilerServices;
using ActorBroker.Amqp.Framing;
using ActorBroker.Listener.Connections;

namespace ActorBroker.TestKit.Faults;

/// <summary>What a test does to the connections of AMQP clients.</summary>
public sealed class ConnectionFaults : IFrameGate
{
    private readonly ConditionalWeakTable<AmqpConnection, StrongBox<int>> _seen = [];
    private readonly Lock _lock = new();
    private int _cutAt = int.MaxValue;
    private readonly Func<IEnumerable<AmqpConnection>> _open;
    private int _cut;

    internal ConnectionFaults(Func<IEnumerable<AmqpConnection>> open) => _open = open;

    /// <summary>Connections cut so far.</summary>
    public int Cut => Volatile.Read(ref _cut);

    /// <summary>
    /// Cuts the next connection that sends that many frames: the frame itself is not handled, the client hears nothing but the end of
    /// the socket. Once; call it again for another one.
    /// </summary>
    /// <param name="frame">
    /// 1 or more, counted on each connection from now on, after its handshake; heartbeats do not count. A publish with a
    /// body is three frames: method, header, body.
    /// </param>
    public void CutAt(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, 1);
        lock (_lock)
        {
            _seen.Clear();
            _cutAt = frame;
        }
    }

    /// <summary>Cuts every connection that is logged in, now. Clients hear nothing but the end of their sockets, and may come again.</summary>
    public void CutAll()
    {
        foreach (var connection in _open())
        {
            Interlocked.Increment(ref _cut);
            connection.Abort();
        }
    }

    bool IFrameGate.Pass(AmqpConnection connection, byte type, ushort channel)
    {
        if (type == FrameType.Heartbeat)
        {
            return true;
        }

        lock (_lock)
        {
            if (++_seen.GetOrCreateValue(connection).Value < _cutAt)
            {
                return true;
            }

            _cutAt = int.MaxValue;
            Interlocked.Increment(ref _cut);
            return false;
        }
    }
}
