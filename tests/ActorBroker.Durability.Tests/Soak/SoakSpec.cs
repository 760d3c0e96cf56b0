using System.Diagnostics;
using System.Globalization;
using ActorBroker.Durability.Tests.Running;
using RabbitMQ.Client;
using Xunit.Abstractions;

namespace ActorBroker.Durability.Tests.Soak;

/// <summary>
/// Clients come and go for a long time, at an even pace: what the server takes for it stays the same, and what it confirmed is there in the end,
/// after a SIGKILL. <c>ACTORBROKER_SOAK_MINUTES</c> says for how long; without it, ten seconds show that everything works.
/// </summary>
public sealed class SoakSpec(ITestOutputHelper output)
{
    private const int Clients = 4;
    private const string Variable = "ACTORBROKER_SOAK_MINUTES";

    /// <summary>
    /// A client that connects while the machine stands still shall not look like a defect. Each log grows to 16 MiB and more before it is
    /// cleaned for the first time: two logs have done so in the first minutes, eight would take most of an hour.
    /// </summary>
    private const string Settings = """
        actor-broker.amqp.handshake-timeout = 5m
        actor-broker.store.queue-groups = 2
        """;

    private readonly Stopwatch _clock = new();
    private readonly SoakTally _tally = new();
    private readonly string _table = Path.Combine(AppContext.BaseDirectory, "soak.txt");

    [Fact]
    public async Task What_a_server_takes_stays_the_same_while_clients_come_and_go_and_nothing_confirmed_is_lost()
    {
        var minutes = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
        var length = minutes > 0 ? TimeSpan.FromMinutes(minutes) : TimeSpan.FromSeconds(10);
        var folder = Directory.CreateTempSubdirectory("actorbroker-soak-");
        try
        {
            var settings = Path.Combine(folder.FullName, "settings.conf");
            await File.WriteAllTextAsync(settings, Settings);
            await using var server = ActorBrokerServer.With(settings, Path.Combine(folder.FullName, "data"));
            await server.Start();
            await DeclareWhatStays(server);

            var samples = await Soak(server, Path.Combine(folder.FullName, "data"), length);
            await server.End(Ending.Kill);
            await server.Start();
            await Drain(server);

            Say(string.Join(", ", _tally.Done.OrderBy(d => d.Key).Select(d => $"{d.Value} times {d.Key}")));
            Assert.Empty(_tally.Surprises);
            Assert.Empty(_tally.Lost);
            Assert.Equal(16, _tally.Done.Count); // all that there is to do was done
            Assert.Empty(minutes > 0 ? SoakGrowth.Of(samples) : []);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The clients work; samples of the server, six times a minute and ten at least.</summary>
    private async Task<List<SoakSample>> Soak(ActorBrokerServer server, string data, TimeSpan length)
    {
        File.Delete(_table);
        Say(SoakSample.Head);
        using var stop = new CancellationTokenSource();
        _clock.Restart();
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(n => Task.Run(() => new SoakClient(n, server.Port, _tally, n).Run(stop.Token)))];
        var samples = new List<SoakSample>();
        var step = length < TimeSpan.FromMinutes(1) ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(10);
        using var pace = new PeriodicTimer(step);
        while (_clock.Elapsed < length && !clients.Any(c => c.IsFaulted))
        {
            await pace.WaitForNextTickAsync();
            samples.Add(SoakSample.Of(server.ProcessId, data, _clock.Elapsed, _tally.Confirmed));
            if (step < TimeSpan.FromSeconds(10) || samples.Count % 6 == 0)
            {
                Say(samples[^1].Line());
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        return samples;
    }

    private static async Task DeclareWhatStays(ActorBrokerServer server)
    {
        await using var connection = await DurableBroker.Factory(server.Port).CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(SoakClient.Dead, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 100 });
        for (var number = 0; number < Clients; number++)
        {
            await channel.QueueDeclareAsync(SoakClient.Stays(number), durable: true, exclusive: false, autoDelete: false);
        }
    }

    private async Task Drain(ActorBrokerServer server)
    {
        await using var connection = await DurableBroker.Factory(server.Port).CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        for (var number = 0; number < Clients; number++)
        {
            await SoakClient.Drain(channel, number, _tally);
        }
    }

    /// <summary>Into a file beside the tests as well, which can be read while they run.</summary>
    private void Say(string line)
    {
        output.WriteLine(line);
        File.AppendAllText(_table, line + "\n");
    }
}
