using System.Net;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;
using ActorBroker.Tests.Shared;

namespace ActorBroker.Attack.Tests;

/// <summary>Regular expressions of permissions that take long.</summary>
public sealed class PermissionSpec
{
    /// <summary>Only an engine that backtracks takes it: nobody may set it, and the refusal says why.</summary>
    [Fact]
    public async Task A_pattern_that_needs_backtracking_is_refused_when_it_is_set()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Server("^(?=(a+)+$)b"));
        Assert.Contains("configure", refused.Message, StringComparison.Ordinal);
        Assert.Contains("needs backtracking", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Each name would cost an engine that backtracks longer than anybody waits. 200 declares on one connection, again and again.</summary>
    [Theory]
    [InlineData("^((a+)+)+(a|b|c)*b$")]
    [InlineData("^(a|aa)+$")]
    public async Task Declares_of_a_user_with_a_costly_pattern_hold_nobody_up(string pattern)
    {
        const int Pipelined = 200;
        var process = await Server(pattern);
        await using var _ = new Stopping(process);
        var endpoint = new IPEndPoint(IPAddress.Loopback, process.Port);
        using var honest = new HonestClient(endpoint);
        honest.Once();
        honest.Start();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var attacker = new Attacker(endpoint, end.Token);
        var (tries, answered) = (0, 0);
        await attacker.Crowd(4, async _ =>
        {
            using var socket = await attacker.Enter(new Handshake().As("costly", "costly"));
            var declares = Enumerable.Range(0, Pipelined).SelectMany(_ => (byte[])
            [
                .. Frames.Method(1, new QueueDeclare(Name(Interlocked.Increment(ref tries)), false, false, false, false, false, FieldTable.Empty)),
                .. Frames.Method(1, default(ChannelCloseOk)), .. Frames.Method(1, default(ChannelOpen)),
            ]).ToArray();
            await attacker.Send(socket, (byte[])[.. declares, .. Frames.Method(0, new ConnectionClose(ReplyCode.Success, "", 0, 0))]);
            await attacker.Drain(socket);
            Interlocked.Increment(ref answered);
        }, perSecond: 8);
        honest.Stop();
        Assert.True(answered > 0, "no connection came to the end of its 200 declares");
        Assert.Contains("refused", process.Output, StringComparison.Ordinal);
        Assert.True(honest.Rounds.Order().ElementAt(honest.Rounds.Count / 2) < 50);
        Assert.True(honest.Rounds.Max() < 2000, $"a round took {honest.Rounds.Max()} ms");
    }

    /// <summary>Never the same twice, so that no cache helps; matched by none of the patterns.</summary>
    private static string Name(int number) => $"{new string('a', 100 + (number % 100))}{number}";

    private static async Task<BrokerProcess> Server(string configure)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("attack-").FullName, "users.conf");
        await File.WriteAllTextAsync(
            file, $$"""actor-broker.users.costly { password = "costly", permissions { "/" { configure = "{{configure}}", write = ".*", read = ".*" } } }""");
        return await BrokerProcess.StartAsync("--config", file);
    }

    private sealed class Stopping(BrokerProcess process) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(process.DisposeAsync());
    }
}
