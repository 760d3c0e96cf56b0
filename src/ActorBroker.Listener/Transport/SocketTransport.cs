using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Plain sockets below Kestrel: reads of 64 KiB into one contiguous buffer, writes straight from the outbox. Kestrel's own transport
/// reads and writes blocks of 4 KiB through two pipes, which costs half as much CPU again for messages of 1 KiB.
/// </summary>
internal sealed class SocketTransport : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = (IPEndPoint)endpoint;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(1024);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException($"{endpoint} is in use", e) : new IOException(e.Message, e);
        }

        return ValueTask.FromResult<IConnectionListener>(new Acceptor(socket));
    }

    private sealed class Acceptor(Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    var accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    accepted.NoDelay = true;
                    return new SocketConnection(accepted);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
                {
                    // the client left before it was accepted: the next one
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException or OperationCanceledException)
                {
                    return null; // no longer listening
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
