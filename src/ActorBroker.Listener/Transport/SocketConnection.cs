using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace ActorBroker.Listener.Transport;

/// <summary>One accepted socket as Kestrel and its TLS see it.</summary>
internal sealed class SocketConnection : ConnectionContext, IPeerWatch
{
    private const int Tcp = 6; // of Linux: level, option, and the first byte of its answer
    private const int TcpInfo = 11;
    private const byte TcpCloseWait = 8;
    private const byte TcpClose = 7;

    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(3);

    private static readonly byte[] Ignored = new byte[16 << 10]; // nobody looks at what is in it

    private readonly Socket _socket;
    private readonly Doorkeeper _door;
    private readonly SocketPipeReader _reader;
    private readonly CancellationTokenSource _closed = new();
    private string? _id;
    private int _gone;
    private int _allIsSaid;

    public SocketConnection(Socket socket, Doorkeeper door)
    {
        _socket = socket;
        _door = door;
        _reader = new SocketPipeReader(socket);
        Features.Set(this);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IPeerWatch>(this);
        Transport = new Duplex(_reader, PipeWriter.Create(new NetworkStream(socket, ownsSocket: false)));
    }

    public override string ConnectionId
    {
        get => _id ??= Guid.NewGuid().ToString("N");
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    /// <summary>The one below a connection, whatever lies between.</summary>
    public static SocketConnection? Below(ConnectionContext connection) => connection.Features.Get<SocketConnection>();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    /// <inheritdoc/>
    public Peer Look()
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0 ? Peer.Left : Peer.There; // not behind unread bytes
            }

            Span<byte> state = stackalloc byte[1];
            _socket.GetRawSocketOption(Tcp, TcpInfo, state);
            return state[0] switch
            {
                TcpCloseWait => Peer.Left,
                TcpClose => Peer.Lost,
                _ => Peer.There,
            };
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return Peer.Lost;
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        Cancel();
        CloseSocket();
    }

    /// <summary>True when the peer has closed its side and all that it sent before has been read.</summary>
    public bool HasLeft
    {
        get
        {
            try
            {
                // asked last: between two questions its bytes may be read, and a peer that waits for an answer would look like one that left
                return _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0 && Look() != Peer.There;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return true;
            }
        }
    }

    /// <summary>Its handshake is over: it gives up its place at the door, and gets a buffer for a busy client.</summary>
    public void IsIn()
    {
        _door.IsIn(this);
        _reader.ReadMuch();
    }

    /// <summary>
    /// Says that nothing more comes, and takes what the client has under way until it has closed its side: a socket that is closed over
    /// unread bytes answers with a reset, and the client might not see the last frames that were sent to it.
    /// </summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            AllIsSaid();
            await Linger().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // gone already, or a client that does not close
        }

        CloseSocket();
        Cancel();
    }

    /// <inheritdoc/>
    public void AllIsSaid()
    {
        if (Interlocked.Exchange(ref _allIsSaid, 1) == 0)
        {
            _door.Lingers(this);
        }
    }

    /// <summary>Its place among those that linger; the doorkeeper's.</summary>
    public LinkedListNode<Doorkeeper.Lingering>? Lingers { get; set; }

    /// <summary>Its descriptor has been given back, or is just about to be.</summary>
    public bool IsGone => Volatile.Read(ref _gone) != 0;

    /// <summary>Its descriptor is needed: the client has had its time to read the last frames, or loses them.</summary>
    public void StopLingering() => CloseSocket();

    private async Task Linger()
    {
        using var end = new CancellationTokenSource(LingerTime);
        while (await _socket.ReceiveAsync(Ignored, SocketFlags.None, end.Token).ConfigureAwait(false) > 0)
        {
            // the client has ended the connection itself, or been refused
        }
    }

    private void CloseSocket()
    {
        _socket.Dispose();
        if (Interlocked.Exchange(ref _gone, 1) == 0)
        {
            _door.IsGone(this);
        }
    }

    private void Cancel() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
