using System.Globalization;
using System.Net.Sockets;
using ActorBroker.Listener.Tests.Fuzzing;
using Xunit.Abstractions;

namespace ActorBroker.Attack.Tests;

/// <summary>
/// Frames of clients gone mad. <c>ACTORBROKER_ATTACK_FRAMES</c> says how many; the long form has ten million.
/// </summary>
public sealed class GarbageSpec(Victim victim, ITestOutputHelper output) : AttackSpec(victim, output)
{
    private const int Workers = 4;
    private const int FramesOfOne = 2000;
    private readonly ITestOutputHelper _output = output;

    private static int Wanted { get; } = Environment.GetEnvironmentVariable("ACTORBROKER_ATTACK_FRAMES") is { } set
        ? int.Parse(set, CultureInfo.InvariantCulture)
        : IsLong ? 10_000_000 : 50_000;

    [Fact]
    public async Task Mad_frames()
    {
        var (frames, seed) = (0, 0);
        await Survives(
            attacker => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
            {
                while (!attacker.End.IsCancellationRequested && Volatile.Read(ref frames) < Wanted)
                {
                    Interlocked.Add(ref frames, await One(attacker, Interlocked.Increment(ref seed)));
                }
            }))),
            limit: TimeSpan.FromMinutes(10));
        _output.WriteLine($"{frames} frames from {seed} clients");
        Assert.True(frames >= Wanted, $"only {frames} frames");
    }

    /// <summary>One client with a script of its own; it reads all that it gets. Those that broke off early count for what they had sent.</summary>
    private static async Task<int> One(Attacker attacker, int seed)
    {
        var fuzzer = new FrameFuzzer(seed);
        var isWild = seed % 4 == 0;
        try
        {
            using var socket = await attacker.Connect();
            var reading = attacker.Drain(socket);
            await attacker.Send(socket, fuzzer.Opening());
            while (fuzzer.Count < FramesOfOne && !reading.IsCompleted)
            {
                using var bytes = new MemoryStream();
                for (var i = 0; i < 50; i++)
                {
                    bytes.Write(isWild ? fuzzer.Wild() : fuzzer.Mild());
                }

                await attacker.Send(socket, bytes.ToArray());
            }

            socket.Shutdown(SocketShutdown.Send);
            await reading.WaitAsync(HonestClient.Patience);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            // it was cut off
        }

        return fuzzer.Count;
    }
}
