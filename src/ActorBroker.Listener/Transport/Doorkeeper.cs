using System.Net;
using ActorBroker.Core.Security;
using ActorBroker.Listener.Configuration;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Counts the sockets of a listener, and decides who must go when too many are on the way in, or when file descriptors or memory run
/// short. Those that are in are never touched. Any thread.
/// </summary>
internal sealed class Doorkeeper
{
    /// <summary>What the log says when the process has none left.</summary>
    public const string NoDescriptors = "the process has no file descriptor left (raise the limit of open files)";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200); // for the last frames to be read

    private readonly Broker _broker;
    private readonly int _maxHandshakes;
    private readonly int _maxSockets;
    private readonly Func<bool> _isMemoryShort;
    private readonly Lobby<SocketConnection> _lobby = new(Grace, peer => peer.HasLeft);
    private readonly LinkedList<Lingering> _lingering = []; // oldest first
    private readonly Lock _lock = new();
    private int _sockets;

    /// <summary>The doorkeeper of one listener.</summary>
    /// <param name="broker">Whose log it writes to.</param>
    /// <param name="settings">How many may be on the way in.</param>
    /// <param name="maxSockets">How many sockets there are descriptors for.</param>
    /// <param name="isMemoryShort">True while nobody may be let in for want of memory.</param>
    public Doorkeeper(Broker broker, DoorSettings settings, int maxSockets, Func<bool> isMemoryShort)
    {
        _broker = broker;
        _maxHandshakes = settings.MaxHandshakes;
        _maxSockets = maxSockets;
        _isMemoryShort = isMemoryShort;
    }

    private TimeSpan Now => _broker.System.Scheduler.MonotonicClock;

    /// <summary>A socket was accepted.</summary>
    /// <returns>False when it must be closed at once.</returns>
    public bool TryEnter(SocketConnection newcomer)
    {
        var isMemoryShort = _isMemoryShort();
        if (!isMemoryShort)
        {
            ReclaimFromLingering(LastWords);
            if (IsFull)
            {
                ReclaimFromLingering(TimeSpan.Zero); // rather than turn somebody away
            }
        }

        bool isIn;
        int places;
        SocketConnection? leaves;
        lock (_lock)
        {
            places = isMemoryShort ? 0 : Math.Min(_maxHandshakes, _maxSockets - (_sockets - _lobby.Count));
            isIn = _lobby.TryEnter(newcomer, PeerSource.Of(AddressOf(newcomer)), places, Now, out leaves);
            _sockets++; // until it is closed, which it is at once when it may not enter
        }

        if (leaves is not null || !isIn)
        {
            Refuse(leaves ?? newcomer, isMemoryShort
                ? "memory is short"
                : places < _maxHandshakes
                ? $"no more file descriptors: they are for {_maxSockets} sockets (raise the limit of open files)"
                : $"more than actor-broker.amqp.max-handshakes = {_maxHandshakes} connections have not finished their handshake");
        }

        return isIn;
    }

    /// <summary>The peer has finished its handshake.</summary>
    public void IsIn(SocketConnection peer)
    {
        lock (_lock)
        {
            _lobby.Leave(peer);
        }
    }

    /// <summary>The socket of the peer is closed. Once for each that has come.</summary>
    public void IsGone(SocketConnection peer)
    {
        lock (_lock)
        {
            _lobby.Leave(peer);
            if (peer.Lingers is { List: not null } place)
            {
                _lingering.Remove(place);
            }

            _sockets--;
        }
    }

    /// <summary>
    /// All has been said to it, and its socket stays open only so that it can read that: it is the first to go when descriptors run short.
    /// </summary>
    public void Lingers(SocketConnection peer)
    {
        lock (_lock)
        {
            _lobby.Leave(peer);
            if (!peer.IsGone)
            {
                _lingering.AddLast(peer.Lingers = new LinkedListNode<Lingering>(new Lingering(peer, Now)));
            }
        }
    }

    /// <summary>The process has no file descriptor left: one that lingers or is on its way in gives up its own.</summary>
    /// <returns>False when there is none.</returns>
    public bool Shed()
    {
        if (TryTakeLingering(LastWords, onlyWhenFull: false) is { } read)
        {
            read.StopLingering();
            return true;
        }

        SocketConnection? leaves;
        lock (_lock)
        {
            _lobby.TryShed(out leaves);
        }

        if (leaves is not null)
        {
            Refuse(leaves, NoDescriptors);
            return true;
        }

        var lingering = TryTakeLingering(TimeSpan.Zero, onlyWhenFull: false);
        lingering?.StopLingering();
        return lingering is not null;
    }

    /// <summary>The same, for a newcomer that could not even be looked at.</summary>
    public void NotAccepted(IPEndPoint? from, string why) => _broker.Log.ConnectionRefused($"connection from {from}", from?.Address, why);

    /// <summary>Those that are in, and those that linger, have all descriptors.</summary>
    private bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return _sockets - _lobby.Count >= _maxSockets;
            }
        }
    }

    private void ReclaimFromLingering(TimeSpan since)
    {
        while (TryTakeLingering(since, onlyWhenFull: true) is { } lingering)
        {
            lingering.StopLingering(); // which counts it out
        }
    }

    private SocketConnection? TryTakeLingering(TimeSpan since, bool onlyWhenFull)
    {
        lock (_lock)
        {
            if (_lingering.First is not { } oldest || Now - oldest.Value.Since < since || (onlyWhenFull && _sockets < _maxSockets))
            {
                return null;
            }

            _lingering.RemoveFirst();
            return oldest.Value.Peer;
        }
    }

    private void Refuse(SocketConnection peer, string why)
    {
        NotAccepted(peer.RemoteEndPoint as IPEndPoint, why);
        peer.Abort();
    }

    /// <summary>A peer to which all has been said.</summary>
    internal readonly record struct Lingering(SocketConnection Peer, TimeSpan Since);

    private static IPAddress? AddressOf(SocketConnection peer) => (peer.RemoteEndPoint as IPEndPoint)?.Address;
}
