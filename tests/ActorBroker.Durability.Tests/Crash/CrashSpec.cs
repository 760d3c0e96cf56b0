using System.Globalization;
using System.Text.RegularExpressions;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Tests.Shared;
using Xunit.Abstractions;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// The server is killed with SIGKILL at random moments while clients work, stopped, made to close connections, and short of disk.
/// <c>ACTORBROKER_CRASHES</c> says how often,
/// <c>ACTORBROKER_CRASH_MINUTES</c> for how long at most, <c>ACTORBROKER_CRASH_SEED</c> repeats the dice of a run (not its timing).
/// </summary>
public sealed class CrashSpec(ITestOutputHelper output)
{
    [Fact]
    public async Task Nothing_confirmed_is_lost_and_nothing_done_returns_when_the_server_is_killed_again_and_again()
    {
        if (DurableBroker.IsReference || SmallDisk.SkipReason is not null)
        {
            output.WriteLine(SmallDisk.SkipReason ?? "the disk of RabbitMQ is not filled");
            await using IServer without = DurableBroker.IsReference ? new RabbitMqServer() : ActorBrokerServer.OnSqlite();
            await Holds(without, null, Setting("ACTORBROKER_CRASHES", 20));
            return;
        }

        using var disk = SmallDisk.Of(64);
        var settings = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(settings, DiskEpisodes.Settings);
            await using var server = ActorBrokerServer.With(settings, disk.Data);
            await Holds(server, new DiskEpisodes(disk), Setting("ACTORBROKER_CRASHES", 20));
        }
        finally
        {
            File.Delete(settings);
        }
    }

    [PostgresFact]
    public async Task The_same_holds_on_PostgreSQL()
    {
        await using var database = await PostgresServer.StartAsync();
        var settings = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(
                settings,
                $$"""actor-broker.store { kind = postgresql, connection-string = "{{database.ConnectionString}};Timeout=45" }""");
            await using var server = ActorBrokerServer.With(settings);
            await Holds(server, null, Setting("ACTORBROKER_CRASHES", 10));
        }
        finally
        {
            File.Delete(settings);
        }
    }

    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    private async Task Holds(IServer server, DiskEpisodes? disk, int crashes)
    {
        var seed = Setting("ACTORBROKER_CRASH_SEED", Random.Shared.Next());
        var limit = TimeSpan.FromMinutes(Setting("ACTORBROKER_CRASH_MINUTES", 600));
        output.WriteLine($"ACTORBROKER_CRASH_SEED={seed}");
        var history = await CrashRun.Run(server, disk, crashes, limit, seed, output.WriteLine);
        output.WriteLine(History.Summary(history));

        var violations = Checker.Violations(history, CrashTopology.Standard);
        foreach (var kind in violations.CountBy(v => Regex.Replace(v, @"[\d.:]+", "#")).OrderByDescending(k => k.Value))
        {
            output.WriteLine($"{kind.Value} times: {kind.Key}");
        }

        Assert.True(
            violations.Count == 0,
            $"seed {seed}: {violations.Count} violations, the first are\n{string.Join('\n', violations.Take(40))}");
    }
}
