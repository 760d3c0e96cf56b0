using ActorBroker.Amqp;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorBroker.Hosting.Tests;

/// <summary>What a broker tells the application's health checks.</summary>
public sealed class HealthSpec
{
    private static readonly string Silent = "akka.stdout-loglevel = OFF, akka.loglevel = OFF";

    [Fact]
    public async Task It_is_healthy_degraded_while_publishers_are_held_back_and_unhealthy_when_a_part_has_failed()
    {
        using var host = Build(o => o.Configure(Silent), checks => checks.AddActorBroker());
        await host.StartAsync().WaitAsync(Hosts.Patience);
        var broker = host.Services.GetRequiredService<Broker>();
        Assert.Equal((HealthStatus.Healthy, null), await Check(host));

        broker.Alarms.Raise(this, "memory is short");
        Assert.Equal((HealthStatus.Degraded, "publishers are held back: memory is short"), await Check(host));
        broker.Alarms.Clear(this);
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);

        broker.Failed("log-3 cannot be written any more");
        Assert.Equal((HealthStatus.Unhealthy, "the broker must be restarted: log-3 cannot be written any more"), await Check(host));
        await host.StopAsync();
    }

    [Fact]
    public async Task It_sees_a_log_that_another_process_writes_to()
    {
        using var directory = new TempDirectory();
        using var host = Build(o => o.Configure(Silent).UseSqlite(directory.Path).Declare(t => t.Queue("orders")), checks => checks.AddActorBroker());
        await host.StartAsync().WaitAsync(Hosts.Patience);
        using (var connection = new SqliteConnection($"Data Source={directory.Path}/actorbroker.db;Pooling=false"))
        {
            connection.Open();
            using var intrude = connection.CreateCommand();
            intrude.CommandText = """
                CREATE TEMP TABLE copied AS SELECT * FROM journal WHERE persistence_id = 'topology' ORDER BY sequence_number DESC LIMIT 1;
                UPDATE copied SET sequence_number = sequence_number + 1, ordering = (SELECT max(ordering) + 1 FROM journal);
                INSERT INTO journal SELECT * FROM copied;
                UPDATE copied SET sequence_number = sequence_number + 1, ordering = ordering + 1;
                INSERT INTO journal SELECT * FROM copied;
                """;
            intrude.ExecuteNonQuery();
        }

        var broker = host.Services.GetRequiredService<IBroker>();
        var refusal = await Assert.ThrowsAsync<ConnectionException>(() => broker.DeclareQueueAsync("next").WaitAsync(Hosts.Patience));
        Assert.Equal(ReplyCode.InternalError, refusal.Code);
        var (status, description) = await Check(host);
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.StartsWith("the broker must be restarted: the topology cannot be changed any more: log topology goes to", description);
        Assert.Contains("another process uses this store", description);
        await host.StopAsync();
    }

    [Fact]
    public async Task Its_name_its_tags_and_its_failure_status_are_the_applications()
    {
        using var host = Build(
            o => o.Configure(Silent),
            checks => checks.AddActorBroker("queue", HealthStatus.Degraded, ["startup"], TimeSpan.FromSeconds(5)));
        await host.StartAsync().WaitAsync(Hosts.Patience);
        host.Services.GetRequiredService<Broker>().Failed("log-3 cannot be written any more");
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(r => r.Tags.SetEquals(["startup"]));
        Assert.Equal(HealthStatus.Degraded, report.Entries["queue"].Status);
        await host.StopAsync();
    }

    private static IHost Build(Action<ActorBrokerOptions> configure, Action<IHealthChecksBuilder> checks)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        checks(builder.Services.AddActorBroker(configure).AddHealthChecks());
        return builder.Build();
    }

    private static async Task<(HealthStatus Status, string? Description)> Check(IHost host)
    {
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var entry = (await health.CheckHealthAsync(r => r.Tags.Contains("ready") && r.Tags.Contains("live"))).Entries["actor-broker"];
        return (entry.Status, entry.Description);
    }
}
