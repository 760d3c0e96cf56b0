using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;

namespace ActorBroker.Listener.Transport;

/// <summary>
/// Plain sockets below Kestrel: reads of 64 KiB into one contiguous buffer, writes straight from the outbox. Kestrel's own transport
/// reads and writes blocks of 4 KiB through two pipes, which costs half as much CPU again for messages of 1 KiB.
/// </summary>
internal sealed class SocketTransport(Doorkeeper door) : IConnectionListenerFactory
{
    private const int Backlog = 4096; // as much as Linux allows: whoever finds it full waits a second and more for the next try of his own system

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
            socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"actor-broker.amqp.listen = {address}: {Reason(e)}", e); // what Kestrel would say speaks of http
        }

        return ValueTask.FromResult<IConnectionListener>(new Acceptor(socket, door));
    }

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "another program listens there; stop it, or name another port by --listen HOST:PORT",
        SocketError.AccessDenied => "this user may not listen there; name a port above 1023, or give the process the right to (CAP_NET_BIND_SERVICE)",
        SocketError.AddressNotAvailable => "this machine does not have that address; name one of its own, or * for all",
        _ => e.Message,
    };

    private sealed class Acceptor(Socket socket, Doorkeeper door) : IConnectionListener
    {
        private static readonly TimeSpan RetryAccept = TimeSpan.FromMilliseconds(100);

        private SafeFileHandle? _reserve = Reserve(); // without any descriptor left nobody could even be turned away

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    _reserve ??= Reserve();
                    var accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    if (TrySetUp(accepted) is { } connection)
                    {
                        return connection;
                    }
                }
                catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException
                    or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null; // no longer listening
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets && _reserve is not null)
                {
                    if (await AcceptWithReserve(cancellationToken).ConfigureAwait(false) is { } connection)
                    {
                        return connection;
                    }
                }
                catch (Exception e) when (e is SocketException or OutOfMemoryException)
                {
                    // the client left, or descriptors or memory are short: that passes, and listening goes on
                    door.Shed();
                    await Task.Delay(RetryAccept, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        /// <summary>
        /// Takes one from the queue with the descriptor kept for that: in place of one that is on its way in already, or to turn it away.
        /// </summary>
        private async ValueTask<SocketConnection?> AcceptWithReserve(CancellationToken cancellationToken)
        {
            _reserve!.Dispose();
            _reserve = null;
            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (door.Shed())
                {
                    return TrySetUp(accepted);
                }

                Refuse(accepted, Doorkeeper.NoDescriptors);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // another thread has taken the descriptor, or no longer listening: the next accept says which; from here it would end all of them
            }
            finally
            {
                _reserve = Reserve();
            }

            return null;
        }

        private SocketConnection? TrySetUp(Socket accepted)
        {
            try
            {
                accepted.NoDelay = true;
                var connection = new SocketConnection(accepted, door);
                return door.TryEnter(connection) ? connection : null;
            }
            catch (Exception e) when (e is SocketException or IOException or OutOfMemoryException) // the client left in between, or there is no memory
            {
                Refuse(accepted, e.Message);
                return null;
            }
        }

        private void Refuse(Socket accepted, string why)
        {
            door.NotAccepted(accepted.RemoteEndPoint as IPEndPoint, why);
            accepted.Dispose();
        }

        private static SafeFileHandle? Reserve()
        {
            try
            {
                return File.OpenHandle("/dev/null");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            _reserve?.Dispose();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
