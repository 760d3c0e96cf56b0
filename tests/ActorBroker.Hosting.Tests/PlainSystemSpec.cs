using System.Text;
using ActorBroker.Listener;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Hosting.Tests;

/// <summary>A broker in an actor system that somebody else has made, by HOCON alone.</summary>
public sealed class PlainSystemSpec
{
    private const string Quiet = "akka { loglevel = OFF, stdout-loglevel = OFF }\n";

    [Fact]
    public async Task Configuration_alone_starts_a_durable_broker_that_listens()
    {
        using var directory = new TempDirectory();
        var settings = ConfigurationFactory.ParseString($$"""
            {{Quiet}}
            akka.extensions = ["ActorBroker.Listener.AmqpExtension, ActorBroker.Listener"]
            actor-broker { data-dir = "{{directory.Path}}", amqp.listen = "127.0.0.1:0" }
            """);
        for (var life = 0; life < 3; life++)
        {
            using var system = ActorSystem.Create("plain", settings);
            await AmqpEndpoint.For(system).WhenListening.WaitAsync(Hosts.Patience);
            await using var connection = await Hosts.Connect(AmqpEndpoint.For(system).Endpoints.Single().Port);
            var broker = Broker.For(system).Client;
            await broker.DeclareQueueAsync("q");
            Assert.Equal(life, (await broker.InspectQueueAsync("q")).Ready);
            await broker.PublishAsync("", "q", Encoding.UTF8.GetBytes($"{life}"));
            await system.Terminate().WaitAsync(Hosts.Patience);
        }
    }

    [Fact]
    public async Task The_broker_is_one_per_system_and_can_be_used_at_once()
    {
        using var system = ActorSystem.Create("plain", ConfigurationFactory.ParseString(Quiet));
        var broker = Broker.For(system);
        Assert.Same(broker, Broker.Get(system));
        var declared = broker.Client.DeclareQueueAsync("q", new QueueOptions { Durable = false }); // waits for the start by itself
        Assert.Equal("q", (await declared.WaitAsync(Hosts.Patience)).Name);
        Assert.Same(broker, await Broker.StartAsync(system));
        await system.Terminate();
    }

    [Fact]
    public async Task The_hosts_own_persistence_keeps_its_database()
    {
        using var directory = new TempDirectory();
        var own = $"Data Source={directory.Path}/own.db";
        var settings = ConfigurationFactory.ParseString($$"""
            {{Quiet}}
            akka.persistence.journal {
              plugin = "akka.persistence.journal.sql"
              sql { class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql", connection-string = "{{own}}", provider-name = "SQLite.MS", auto-initialize = on }
            }
            actor-broker.data-dir = "{{directory.Path}}/broker"
            """);
        using var system = ActorSystem.Create("plain", settings);
        var broker = await Broker.StartAsync(system).WaitAsync(Hosts.Patience);
        await broker.Client.DeclareQueueAsync("q");
        var journal = Akka.Persistence.Persistence.Instance.Apply(system).JournalFor("akka.persistence.journal.sql");
        await journal.Ask<object>(new Akka.Persistence.ReplayMessages(1, 1, 1, "nobody", system.DeadLetters), TimeSpan.FromSeconds(1))
            .ContinueWith(_ => { }, TaskScheduler.Default); // it answers to somebody else; it is up when the file is there
        var until = DateTime.UtcNow + Hosts.Patience;
        while (!File.Exists($"{directory.Path}/own.db"))
        {
            Assert.True(DateTime.UtcNow < until, "waited for the host's own journal to make its file");
            await Task.Yield();
        }

        Assert.True(File.Exists($"{directory.Path}/broker/actorbroker.db"));
        await system.Terminate().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task A_store_that_cannot_be_used_fails_the_start_and_whoever_waits_for_it()
    {
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync($"{directory.Path}/file", "not a directory");
        using var system = ActorSystem.Create("plain", ConfigurationFactory.ParseString($"{Quiet}actor-broker.data-dir = \"{directory.Path}/file\""));
        var broker = Broker.For(system);
        await Assert.ThrowsAnyAsync<IOException>(() => broker.WhenStarted.WaitAsync(Hosts.Patience));
        await Assert.ThrowsAnyAsync<IOException>(() => broker.Client.DeclareQueueAsync("q").WaitAsync(Hosts.Patience));
        await system.Terminate().WaitAsync(Hosts.Patience);
    }

    [Fact]
    public async Task A_plain_end_without_coordinated_shutdown_closes_the_store_and_loses_nothing()
    {
        using var directory = new TempDirectory();
        var settings = ConfigurationFactory.ParseString($$"""
            {{Quiet}}
            akka.coordinated-shutdown { run-by-actor-system-terminate = off, terminate-actor-system = off, run-by-clr-shutdown-hook = off }
            actor-broker.data-dir = "{{directory.Path}}"
            """);
        for (var life = 0; life < 3; life++)
        {
            using var system = ActorSystem.Create("plain", settings);
            var broker = (await Broker.StartAsync(system).WaitAsync(Hosts.Patience)).Client;
            await broker.DeclareQueueAsync("q");
            Assert.Equal(life, (await broker.InspectQueueAsync("q")).Ready);
            await broker.PublishAsync("", "q", Encoding.UTF8.GetBytes($"{life}"));
            await system.Terminate().WaitAsync(Hosts.Patience);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_is_closed_before_any_callback_of_the_hosts_own_runs(bool isOurs)
    {
        using var directory = new TempDirectory();
        var settings = ConfigurationFactory.ParseString($"{Quiet}actor-broker.data-dir = \"{directory.Path}\"");
        using var system = isOurs ? BrokerSystem.Create("plain", settings) : ActorSystem.Create("plain", settings);
        await Broker.StartAsync(system).WaitAsync(Hosts.Patience);
        var reopened = new TaskCompletionSource<bool>();
        system.RegisterOnTermination(() => // the last that is registered is the first that is called
        {
            try
            {
                using var store = BrokerStore.Open(Broker.ConfigOf(settings));
                reopened.SetResult(store is not null);
            }
            catch (IOException inUse)
            {
                reopened.SetException(inUse);
            }
        });
        await system.Terminate().WaitAsync(Hosts.Patience);
        Assert.True(await reopened.Task.WaitAsync(Hosts.Patience));
    }

    [Fact]
    public async Task A_system_that_ends_during_the_start_fails_it_and_leaves_the_store_closed()
    {
        using var directory = new TempDirectory();
        var settings = ConfigurationFactory.ParseString($"{Quiet}actor-broker.data-dir = \"{directory.Path}\"");
        using (var system = ActorSystem.Create("plain", settings))
        {
            var started = Broker.For(system).WhenStarted;
            await system.Terminate().WaitAsync(Hosts.Patience);
            await Task.WhenAny(started).WaitAsync(Hosts.Patience);
        }

        using var next = ActorSystem.Create("plain", settings);
        var until = DateTime.UtcNow + Hosts.Patience;
        while (!IsFree())
        {
            Assert.True(DateTime.UtcNow < until, "waited for the store of the system that has ended to be closed");
            await Task.Yield();
        }

        await Broker.StartAsync(next).WaitAsync(Hosts.Patience);
        await next.Terminate().WaitAsync(Hosts.Patience);

        bool IsFree() // who opened it when the system had just ended closes it at once, on a thread of its own
        {
            try
            {
                BrokerStore.Open(Broker.ConfigOf(settings))!.Dispose();
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
