using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorBroker.Hosting.Tests;

/// <summary>What a broker tells the application's health checks.</summary>
public sealed class HealthSpec
{
    [Fact]
    public async Task It_is_healthy_degraded_while_publishers_are_held_back_and_unhealthy_when_a_part_has_failed()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddActorBroker(o => o.Configure("akka.stdout-loglevel = OFF, akka.loglevel = OFF")).AddHealthChecks().AddActorBroker();
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Hosts.Patience);
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var broker = host.Services.GetRequiredService<Broker>();
        Assert.Equal((HealthStatus.Healthy, null), await Check());

        broker.Alarms.Raise(this, "memory is short");
        Assert.Equal((HealthStatus.Degraded, "publishers are held back: memory is short"), await Check());
        broker.Alarms.Clear(this);
        Assert.Equal(HealthStatus.Healthy, (await Check()).Item1);

        broker.Failed("log-3 cannot be written any more");
        Assert.Equal((HealthStatus.Unhealthy, "log-3 cannot be written any more; restart the broker"), await Check());
        await host.StopAsync();

        async Task<(HealthStatus, string?)> Check()
        {
            var entry = (await health.CheckHealthAsync(r => r.Tags.Contains("ready"))).Entries["actor-broker"];
            return (entry.Status, entry.Description);
        }
    }
}
