using System.Net.Sockets;

namespace ActorBroker.Attack.Tests;

/// <summary>Attackers that stay connected and send again and again.</summary>
internal static class Crowd
{
    /// <summary>Runs them until the attack is over.</summary>
    /// <param name="attacker">Who sends.</param>
    /// <param name="connections">How many there are. One that is cut off comes back.</param>
    /// <param name="perSecond">How often all of them together send.</param>
    /// <param name="reads">False: they do not take what they get.</param>
    /// <param name="first">What one of them sends first, on channel 1.</param>
    /// <param name="next">What it sends again and again.</param>
    public static async Task Of(Attacker attacker, int connections, int perSecond, bool reads, Func<int, byte[]> first, Func<int, byte[]> next)
    {
        var sockets = new Socket?[connections];
        try
        {
            await attacker.Crowd(connections, async n =>
            {
                sockets[n] ??= await Enter(attacker, reads, first(n));
                try
                {
                    await attacker.Send(sockets[n]!, next(n));
                }
                catch (SocketException)
                {
                    sockets[n]!.Dispose();
                    sockets[n] = null;
                    throw;
                }
            }, perSecond);
        }
        finally
        {
            foreach (var socket in sockets)
            {
                socket?.Dispose();
            }
        }
    }

    private static async Task<Socket> Enter(Attacker attacker, bool reads, byte[] first)
    {
        var socket = await attacker.Enter();
        if (reads)
        {
            _ = Forget(attacker.Drain(socket));
        }

        await attacker.Send(socket, first);
        return socket;
    }

    private static async Task Forget(Task reading)
    {
        try
        {
            await reading;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // cut off, or over
        }
    }
}
