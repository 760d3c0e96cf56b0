using System.Net;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;
using ActorBroker.Tests.Shared;

namespace ActorBroker.Attack.Tests;

/// <summary>Regular expressions of permissions that take long.</summary>
public sealed class PermissionSpec
{
    /// <summary>Either such a pattern is refused at start, with a word about it, or its user's declares hold nobody up.</summary>
    [Theory]
    [InlineData("^(?=(a+)+$)b")] // only a backtracking engine takes it
    [InlineData("^((a+)+)+(a|b|c)*b$")]
    public async Task Declares_of_a_user_with_a_costly_pattern_hold_nobody_up(string pattern)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("attack-").FullName, "users.conf");
        await File.WriteAllTextAsync(
            file, $$"""actor-broker.users.costly { password = "costly", permissions { "/" { configure = "{{pattern}}", write = ".*", read = ".*" } } }""");
        BrokerProcess process;
        try
        {
            process = await BrokerProcess.StartAsync("--config", file);
        }
        catch (InvalidOperationException refused)
        {
            Assert.Contains("configure", refused.Message, StringComparison.Ordinal);
            return;
        }

        await using var _ = new Stopping(process);
        var endpoint = new IPEndPoint(IPAddress.Loopback, process.Port);
        using var honest = new HonestClient(endpoint);
        honest.Start();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var attacker = new Attacker(endpoint, end.Token);
        var tries = 0;
        await attacker.Crowd(4, async _ =>
        {
            using var socket = await attacker.Enter(new Handshake().As("costly", "costly"));
            foreach (var __ in Enumerable.Range(0, 50))
            {
                var name = $"{new string('a', 100 + (Interlocked.Increment(ref tries) % 100))}{tries}";
                await attacker.Send(socket, (byte[])
                [
                    .. Frames.Method(1, new QueueDeclare(name, false, false, false, false, false, FieldTable.Empty)),
                    .. Frames.Method(1, default(ChannelCloseOk)), .. Frames.Method(1, default(ChannelOpen)),
                ]);
            }

            await attacker.Drain(socket);
        }, perSecond: 4);
        honest.Stop();
        Assert.True(honest.Rounds.Order().ElementAt(honest.Rounds.Count / 2) < 50);
        Assert.True(honest.Rounds.Max() < 2000, $"a round took {honest.Rounds.Max()} ms");
    }

    private sealed class Stopping(BrokerProcess process) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(process.DisposeAsync());
    }
}
