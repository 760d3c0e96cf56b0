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
            throw new IOException($"actor-broker.amqp.listen = {address}: {Reason(e)}", e); // what Kestrel would say speaks of http
        }

        return ValueTask.FromResult<IConnectionListener>(new Acceptor(socket));
    }

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program listens there; stop it, or name another port by --listen HOST:PORT",
        SocketError.AccessDenied => "this user may not listen there; name a port above 1023, or give the process the right to (CAP_NET_BIND_SERVICE)",
        SocketError.AddressNotAvailable => "this machine does not have that address; name one of its own, or * for all",
        _ => e.Message,
    };

    private sealed class Acceptor(Socket socket) : IConnectionListener
    {
        private static readonly TimeSpan RetryAccept = TimeSpan.FromMilliseconds(100);

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                Socket accepted;
                try
                {
                    accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException
                    or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null; // no longer listening
                }
                catch (SocketException)
                {
                    // the client left, or there are no descriptors left: that passes, and listening goes on
                    await Task.Delay(RetryAccept, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (TrySetUp(accepted) is { } connection)
                {
                    return connection;
                }
            }
        }

        private static SocketConnection? TrySetUp(Socket accepted)
        {
            try
            {
                accepted.NoDelay = true;
                return new SocketConnection(accepted);
            }
            catch (SocketException) // the client left in between
            {
                accepted.Dispose();
                return null;
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
