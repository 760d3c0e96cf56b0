using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Attack.Tests;

/// <summary>More memory than there is: whoever asks for it may be cut off, and nobody else.</summary>
public sealed class MemorySpec(Victim victim, ITestOutputHelper output) : AttackSpec(victim, output)
{
    private const int Channels = 1000;

    /// <summary>940 MiB of bodies that lack one frame, on a heap of 384 MiB: the alarm stops them.</summary>
    [Fact]
    public Task Bodies_that_never_end() => Fill();

    /// <summary>Without an alarm memory runs out in the midst of a read: the connection that asked just then ends, and the process lives.</summary>
    [LongFact("whether memory ends within the time depends on the speed of the machine")]
    public async Task Bodies_that_never_end_and_no_alarm()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("attack-").FullName, "late.conf");
        await File.WriteAllTextAsync(file, "actor-broker.memory.high-watermark = off");
        await Fill("--config", file);
    }

    private async Task Fill(params string[] arguments)
    {
        byte[] Begun(int channel) =>
        [
            .. Frames.Method((ushort)channel, default(ChannelOpen)), .. Frames.PublishMethod((ushort)channel, "", "nowhere"),
            .. Frames.Header((ushort)channel, 1 << 20), .. Frames.Body((ushort)channel, new byte[120 << 10]),
        ];
        var own = await Victim.StartAsync(400, arguments);
        try
        {
            await Survives(
                attacker => attacker.Crowd(8, async _ =>
                {
                    using var socket = await attacker.Enter();
                    for (var channel = 2; channel < Channels; channel++)
                    {
                        await attacker.Send(socket, Begun(channel));
                    }

                    await attacker.Drain(socket);
                }, perSecond: 8),
                limit: TimeSpan.FromSeconds(Math.Max(5, Length.TotalSeconds)),
                on: own,
                mayBlock: true,
                mayCut: arguments.Length > 0);
            if (arguments.Length > 0)
            {
                Assert.Contains("OutOfMemory", own.Output, StringComparison.Ordinal);
            }
        }
        finally
        {
            await own.DisposeAsync();
        }
    }
}
