using System.Net;
using System.Net.Sockets;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Attack.Tests;

/// <summary>Sockets of an attacker, at a bounded pace: it shares the processor with its victim and must not win by that alone.</summary>
/// <param name="target">The server.</param>
/// <param name="end">When the attack is over.</param>
internal sealed class Attacker(IPEndPoint target, CancellationToken end)
{
    private readonly byte[] _ignored = new byte[64 * 1024];

    /// <summary>Cancelled when the attack is over.</summary>
    public CancellationToken End => end;

    /// <summary>Runs so many attackers at once until the attack is over; what the server does to them is their own affair.</summary>
    /// <param name="count">How many.</param>
    /// <param name="attack">What one of them does, again and again.</param>
    /// <param name="perSecond">How often all of them together begin anew.</param>
    public async Task Crowd(int count, Func<int, Task> attack, int perSecond)
    {
        using var pace = new SemaphoreSlim(0);
        var pacing = Pace(pace, perSecond);
        await Task.WhenAll(Enumerable.Range(0, count).Select(n => Repeat(() => attack(n), pace)));
        await pacing;
    }

    /// <summary>A socket to the server.</summary>
    public async Task<Socket> Connect(string? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from is not null)
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            }

            await socket.ConnectAsync(target, end);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that has sent a good handshake and opened a channel, without reading an answer.</summary>
    public async Task<Socket> Enter(Handshake? handshake = null)
    {
        var socket = await Connect();
        await Send(socket, (byte[])[.. (handshake ?? new Handshake()).AllAtOnce, .. Frames.Method(1, default(ChannelOpen))]);
        return socket;
    }

    /// <summary>Sends; completes when the network has taken it.</summary>
    public async Task Send(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, end)..];
        }
    }

    /// <summary>Reads and forgets until the server closes or the attack is over.</summary>
    public async Task Drain(Socket socket)
    {
        while (await socket.ReceiveAsync(_ignored, SocketFlags.None, end) > 0)
        {
            // nobody looks at it
        }
    }

    private async Task Repeat(Func<Task> attack, SemaphoreSlim pace)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await pace.WaitAsync(end);
                await attack();
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or IOException or ObjectDisposedException)
            {
                // refused, cut off, or over
            }
        }
    }

    private async Task Pace(SemaphoreSlim pace, int perSecond)
    {
        var tick = TimeSpan.FromMilliseconds(20);
        using var clock = new PeriodicTimer(tick);
        var due = 0.0;
        try
        {
            while (await clock.WaitForNextTickAsync(end))
            {
                due += perSecond * tick.TotalSeconds;
                if ((int)due > 0)
                {
                    pace.Release((int)due);
                    due -= (int)due;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // over
        }
    }
}
