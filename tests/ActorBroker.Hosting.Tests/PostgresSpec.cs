using System.Text;
using ActorBroker.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorBroker.Hosting.Tests;

/// <summary><see cref="ActorBrokerOptions.UsePostgres"/>.</summary>
public sealed class PostgresSpec
{
    [PostgresFact]
    public async Task What_is_durable_survives_the_host_and_each_schema_is_a_broker_of_its_own()
    {
        await using var server = await PostgresServer.StartAsync();
        for (var life = 0; life < 3; life++)
        {
            using var shop = await Hosts.Start(o => o.UsePostgres(server.ConnectionString).Declare(t => t.Queue("q")));
            using var other = await Hosts.Start(o => o.UsePostgres(server.ConnectionString, "other_1").Declare(t => t.Queue("q")), "other");
            var broker = shop.Services.GetRequiredService<IBroker>();
            Assert.Equal(life, (await broker.InspectQueueAsync("q")).Ready);
            await broker.PublishAsync("", "q", Encoding.UTF8.GetBytes($"{life}"), mandatory: true);
            Assert.Equal(0, (await other.Services.GetRequiredService<IBroker>().InspectQueueAsync("q")).Ready);

            using var second = Hosts.Build(o => o.UsePostgres(server.ConnectionString), "second");
            Assert.Contains("another broker", (await Assert.ThrowsAnyAsync<IOException>(() => second.StartAsync().WaitAsync(Hosts.Patience))).Message);
            await second.StopAsync();
            await shop.StopAsync().WaitAsync(Hosts.Patience);
            await other.StopAsync().WaitAsync(Hosts.Patience);
        }

        using var last = await Hosts.Start(o => o.UsePostgres(server.ConnectionString));
        for (var life = 0; life < 3; life++)
        {
            var message = (await last.Services.GetRequiredService<IBroker>().GetAsync("q", autoAck: true))!;
            Assert.Equal(($"{life}", false), (message.Text, message.Redelivered));
        }

        await last.StopAsync().WaitAsync(Hosts.Patience);
    }
}
