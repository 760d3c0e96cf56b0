using System.Buffers;
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

    private readonly Socket _socket;
    private readonly CancellationTokenSource _closed = new();
    private string? _id;

    public SocketConnection(Socket socket)
    {
        _socket = socket;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IPeerWatch>(this);
        Transport = new Duplex(new SocketPipeReader(socket), PipeWriter.Create(new NetworkStream(socket, ownsSocket: false)));
    }

    public override string ConnectionId
    {
        get => _id ??= Guid.NewGuid().ToString("N");
        set => _id = value;
    }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

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
        _socket.Dispose();
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
            await Linger().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // gone already, or a client that does not close
        }

        _socket.Dispose();
        Cancel();
    }

    private async Task Linger()
    {
        using var end = new CancellationTokenSource(LingerTime);
        var ignored = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            while (await _socket.ReceiveAsync(ignored, SocketFlags.None, end.Token).ConfigureAwait(false) > 0)
            {
                // the client has ended the connection itself, or been refused
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ignored);
        }
    }

    private void Cancel() => ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
