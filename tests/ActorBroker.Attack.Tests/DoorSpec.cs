using System.Net.Sockets;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Attack.Tests;

/// <summary>Those who have not logged in, and do not mean to.</summary>
public sealed class DoorSpec(Victim victim, ITestOutputHelper output) : AttackSpec(victim, output)
{
    private const int Peers = 1500;
    private readonly ITestOutputHelper _output = output;

    [Fact]
    public Task Fifteen_hundred_peers_with_a_frame_of_128_KiB_before_login() => Survives(BigFrames);

    /// <summary>With descriptors for all of them it is the memory that must be kept.</summary>
    [Fact]
    public async Task The_same_at_a_server_with_descriptors_for_all_of_them()
    {
        var roomy = await Victim.StartAsync(descriptors: 4000);
        try
        {
            Assert.InRange(await Survives(BigFrames, on: roomy), 1, 200 << 20); // 430 MiB when each could have a buffer for its frame
        }
        finally
        {
            await roomy.DisposeAsync();
        }
    }

    private static Task BigFrames(Attacker attacker)
    {
        byte[] big = [.. Frames.ProtocolHeader, FrameType.Method, 0, 0, 0, 1, 0xFF, 0xF0, .. new byte[130_000]];
        return attacker.Crowd(Peers, async _ =>
        {
            using var socket = await attacker.Connect();
            await attacker.Send(socket, big);
            await attacker.Drain(socket);
        }, perSecond: 1500);
    }

    [Fact]
    public Task Fifteen_hundred_peers_that_take_their_time()
    {
        byte[] slow = [.. Frames.ProtocolHeader, .. Frames.Method(0, new Handshake().StartOk)];
        return Survives(attacker => attacker.Crowd(Peers, async n =>
        {
            using var socket = await attacker.Connect();
            await attacker.Send(socket, slow.AsMemory(0, n % slow.Length));
            await attacker.Drain(socket);
        }, perSecond: 1000));
    }

    [Fact]
    public async Task While_one_address_floods_the_door_another_gets_in()
    {
        var entered = 0;
        await Survives(attacker => Task.WhenAll(
            attacker.Crowd(Peers, async _ =>
            {
                using var socket = await attacker.Connect();
                await attacker.Send(socket, Frames.ProtocolHeader);
                await attacker.Drain(socket);
            }, perSecond: 700),
            Task.Run(() =>
            {
                while (!attacker.End.IsCancellationRequested)
                {
                    using var newcomer = new HonestClient(Victim.Endpoint, "127.0.0.3");
                    newcomer.Once();
                    entered++;
                }
            })));
        _output.WriteLine($"{entered} newcomers got in");
        Assert.True(entered >= 5, $"only {entered} newcomers got in");
    }

    [Fact]
    public Task Peers_that_come_and_go() => Survives(attacker => attacker.Crowd(50, async n =>
    {
        using var socket = n % 2 == 0 ? await attacker.Connect() : await attacker.Enter();
        if (n % 3 == 0)
        {
            socket.LingerState = new LingerOption(true, 0); // a reset
        }
    }, perSecond: 300));

    [Fact]
    public async Task Logged_in_clients_that_want_every_file_descriptor()
    {
        await Survives(attacker => attacker.Crowd(500, async _ =>
        {
            using var socket = await attacker.Enter();
            await attacker.Drain(socket);
        }, perSecond: 400));
        Assert.Contains("file descriptor", Victim.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessed_passwords()
    {
        var answered = 0;
        await Survives(attacker => attacker.Crowd(100, async n =>
        {
            using var socket = await attacker.Connect();
            var guess = new Handshake().As("guest", $"guess-{n}");
            await attacker.Send(socket, (byte[])[.. Frames.ProtocolHeader, .. Frames.Method(0, guess.StartOk)]);
            await attacker.Drain(socket);
            Interlocked.Increment(ref answered);
        }, perSecond: 2000));
        _output.WriteLine($"{answered} guesses were answered");
        var expected = 120 + (Length.TotalSeconds * 25); // 100 at once wait five seconds each
        Assert.InRange(answered, 0, expected);
        Assert.Contains("login of user 'guest' by PLAIN is refused: wrong password", Victim.Output, StringComparison.Ordinal);
        Assert.InRange(Victim.Output.Split('\n').Count(l => l.Contains("login of user", StringComparison.Ordinal)), 1, 20 + (int)Length.TotalSeconds);
    }

    [Fact]
    public Task Handshakes_that_are_nonsense() => Survives(attacker => attacker.Crowd(100, async n =>
    {
        using var socket = await attacker.Connect();
        await attacker.Send(socket, new FrameFuzzerOf(n).BrokenHandshake());
        await attacker.Drain(socket);
    }, perSecond: 500));

    private sealed class FrameFuzzerOf(int seed)
    {
        private static int _tries;

        public byte[] BrokenHandshake() =>
            new ActorBroker.Listener.Tests.Fuzzing.FrameFuzzer((seed * 1_000_003) + Interlocked.Increment(ref _tries)).BrokenHandshake();
    }
}
