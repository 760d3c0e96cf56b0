using System.Diagnostics;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Listener.Tests.Fuzzing;

/// <summary>A million frames of clients gone mad: nobody but themselves may notice.</summary>
[Collection(Measured.Name)]
public sealed class FuzzSpec(ITestOutputHelper output) : VirtualTimeSpec("actor-broker.amqp.refused-login-delay = 0s") // its clock stands still
{
    private const int MildClients = 1400;
    private const int MildFrames = 560;
    private const int WildClients = 2400;
    private const int WildFrames = 60;
    private const int BrokenHandshakes = 20_000;
    private const int Workers = 2;
    private const long Growth = 64 << 20;

    private int _frames;
    private int _clients;
    private int _in;
    private int _refused;
    private int _channelErrors;
    private int _answers;

    [Fact]
    public async Task A_million_mad_frames_harm_nobody_and_leave_nothing()
    {
        await DeclareQueues();
        await Run(seed: -1000, clients: 100, MildClient);
        var (before, watch) = (Memory(), Stopwatch.StartNew());

        await Run(seed: 0, BrokenHandshakes, HandshakeClient);
        await Run(seed: 1_000_000, MildClients, MildClient);
        await Run(seed: 2_000_000, WildClients, WildClient);

        await OthersAreServed();
        await DeleteEverything();
        var grown = Memory() - before;
        output.WriteLine(
            $"{_frames} frames from {_clients} clients in {watch.Elapsed.TotalSeconds:0.0} s: {_in} were in, {_refused} were closed, "
            + $"{_channelErrors} channel errors, {_answers} frames answered, {grown / 1024} KiB more memory");
        Assert.True(_frames >= 1_000_000, $"only {_frames} frames");
        Assert.True(_in >= MildClients + WildClients, $"only {_in} clients got in");
        Assert.True(_refused > WildClients / 2 && _channelErrors > MildClients, "too well-behaved to prove anything");
        Assert.InRange(grown, long.MinValue, Growth);
        Assert.Empty(Broker.Connections);
        Assert.Empty(ConnectionActors);
        Assert.Empty(Diary.Lost);
    }

    private static void MildClient(FrameFuzzer fuzzer, List<byte[]> sent)
    {
        sent.Add(fuzzer.Opening());
        while (fuzzer.Count < MildFrames)
        {
            sent.Add(fuzzer.Mild());
        }
    }

    private static void WildClient(FrameFuzzer fuzzer, List<byte[]> sent)
    {
        sent.Add(fuzzer.Opening());
        while (fuzzer.Count < WildFrames)
        {
            sent.Add(fuzzer.Wild());
        }
    }

    private static void HandshakeClient(FrameFuzzer fuzzer, List<byte[]> sent) => sent.Add(fuzzer.BrokenHandshake());

    private static long Memory()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private Task Run(int seed, int clients, Action<FrameFuzzer, List<byte[]>> script)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < clients; i = Interlocked.Increment(ref next))
            {
                await RunOne(seed + i, script);
                if (i % 100 == 99)
                {
                    Advance(TimeSpan.FromMilliseconds(200)); // expiries, sweeps
                    await OthersAreServed();
                }
            }
        })));
    }

    private async Task RunOne(int seed, Action<FrameFuzzer, List<byte[]>> script)
    {
        var fuzzer = new FrameFuzzer(seed);
        var frames = new List<byte[]>();
        script(fuzzer, frames);
        var client = Connect(isTracked: false);
        var judge = new OutputJudge();
        var reading = judge.Read(client.Socket.ClientSide.Input);
        try
        {
            await SendInPieces(client, [.. frames.SelectMany(f => f)], new Random(seed));
            client.Wire.FinishSending();
            await client.Ended();
            await reading.WaitAsync(WireClient.Patience);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"client {seed}: {fault.Message}", fault);
        }

        Interlocked.Add(ref _frames, fuzzer.Count);
        Interlocked.Increment(ref _clients);
        Interlocked.Add(ref _in, judge.WasIn ? 1 : 0);
        Interlocked.Add(ref _refused, judge.Verdict is null ? 0 : 1);
        Interlocked.Add(ref _channelErrors, judge.ChannelErrors);
        Interlocked.Add(ref _answers, judge.Frames);
    }

    /// <summary>Where a socket would cut has nothing to do with frames.</summary>
    private static async Task SendInPieces(ServedClient client, byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, 20_000), bytes.Length - at);
            if (!await client.Wire.SendFlood(bytes.AsMemory(at, length)).WaitAsync(WireClient.Patience))
            {
                return;
            }

            at += length;
        }
    }

    private async Task DeclareQueues()
    {
        var owner = await OpenChannel();
        foreach (var queue in FrameFuzzer.Queues)
        {
            await owner.Wire.Declare(1, queue, arguments: new Amqp.Types.FieldTable([new("x-max-length", 200)]));
        }

        await owner.Wire.Close();
    }

    private async Task DeleteEverything()
    {
        var host = Broker.FindVirtualHost("/")!;
        var owner = await OpenChannel();
        foreach (var queue in host.Queues.Select(q => q.Name).ToList())
        {
            await owner.Wire.Call<Amqp.Methods.QueueDelete, Amqp.Methods.QueueDeleteOk>(1, new(queue, false, false, false));
        }

        await owner.Wire.Close();
        Assert.Empty(host.Queues);
        Assert.All(host.Exchanges, e => Assert.True(e.Name.Length == 0 || e.Name.StartsWith("amq.", StringComparison.Ordinal) || e.Name.Length < 20));
        Advance(TimeSpan.FromMinutes(2)); // tombstones go
        await OthersAreServed();
    }
}
