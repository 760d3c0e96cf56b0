using System.Net.Sockets;
using System.Text.Json;

namespace ActorBroker.Server.Control;

/// <summary>
/// How commands reach a running server: the unix domain socket <c>control.sock</c> in its data directory, for its owner only.
/// Requests and answers are lines of JSON.
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const string FileName = "control.sock";

    private readonly Socket _listener;
    private readonly string _path;
    private readonly Func<ControlRequest, Task<ControlResponse>> _handle;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private ControlSocket(Socket listener, string path, Func<ControlRequest, Task<ControlResponse>> handle)
    {
        _listener = listener;
        _path = path;
        _handle = handle;
        _accepting = AcceptAsync();
    }

    /// <summary>Listens in that directory. A socket that a killed server left behind is replaced.</summary>
    /// <exception cref="IOException">Another server listens there, or the path is too long for a socket.</exception>
    public static ControlSocket Open(string directory, Func<ControlRequest, Task<ControlResponse>> handle)
    {
        var path = PathIn(directory);
        var endpoint = EndPointOf(path);
        if (File.Exists(path))
        {
            using var probe = NewSocket();
            try
            {
                probe.Connect(endpoint);
            }
            catch (SocketException)
            {
                File.Delete(path);
            }

            if (probe.Connected)
            {
                throw new IOException($"{path}: another broker uses this directory. Stop it, or use another directory");
            }
        }

        var listener = NewSocket();
        try
        {
            listener.Bind(endpoint);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // before anybody can connect
            }

            listener.Listen();
            return new ControlSocket(listener, path, handle);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"{path}: cannot be listened on ({e.Message})", e);
        }
    }

    /// <summary>Asks the server of that directory; null when none runs.</summary>
    /// <exception cref="IOException">It ended before it answered, or may not be asked.</exception>
    public static async Task<ControlResponse?> AskAsync(string directory, ControlRequest request)
    {
        var path = PathIn(directory);
        if (!File.Exists(path))
        {
            return null;
        }

        using var socket = NewSocket();
        try
        {
            await socket.ConnectAsync(EndPointOf(path)).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return null; // left behind by a server that was killed
        }
        catch (SocketException e)
        {
            throw new IOException($"{path}: {e.Message}", e);
        }

        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await WriteAsync(stream, request, CancellationToken.None).ConfigureAwait(false);
        var line = await reader.ReadLineAsync().ConfigureAwait(false);
        return line is null
            ? throw new IOException($"{path}: the server ended before it answered; ask it again whether the change was made")
            : JsonSerializer.Deserialize<ControlResponse>(line);
    }

    /// <summary>Stops listening and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        File.Delete(_path);
        _stop.Dispose();
    }

    private static string PathIn(string directory) => Path.Combine(directory, FileName);

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private static UnixDomainSocketEndPoint EndPointOf(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"{path}: the path of a socket may have 107 bytes; use a shorter data directory", e);
        }
    }

    private static async Task WriteAsync<T>(Stream stream, T message, CancellationToken stop) =>
        await stream.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(message), (byte)'\n'], stop).ConfigureAwait(false);

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false); // no file handles are left: others free some
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } line)
            {
                await WriteAsync(stream, await AnswerAsync(line).ConfigureAwait(false), _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // gone
        }
    }

    private async Task<ControlResponse> AnswerAsync(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ControlRequest>(line) is { Command: not null, Arguments: not null } request
                ? await _handle(request).ConfigureAwait(false)
                : new ControlResponse("not a request");
        }
        catch (JsonException e)
        {
            return new ControlResponse($"not a request: {e.Message}");
        }
    }
}
