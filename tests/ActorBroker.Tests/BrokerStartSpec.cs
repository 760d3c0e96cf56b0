using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Tests;

/// <summary>A broker in an actor system.</summary>
public sealed class BrokerStartSpec : BrokerSpec
{
    [Fact]
    public void Counts_connections_up_to_a_limit()
    {
        var (a, b, c) = (new Connection(), new Connection(), new Connection());
        Assert.True(Broker.TryAddConnection(a, 2, out _));
        Assert.True(Broker.TryAddConnection(b, 2, out _));
        Assert.False(Broker.TryAddConnection(c, 2, out var refusal));
        Assert.Equal("connection limit (2) is reached", refusal);
        Assert.Equal(2, Broker.Connections.Count());

        Broker.ConnectionEnded(a);
        Assert.True(Broker.TryAddConnection(c, 2, out refusal));
        Assert.Null(refusal);
        Assert.True(Broker.TryAddConnection(c, 2, out _)); // the same one
    }

    [Fact]
    public void Under_a_rush_no_more_than_the_limit_get_in()
    {
        var let = 0;
        Parallel.For(0, 1000, _ =>
        {
            if (Broker.TryAddConnection(new Connection(), 10, out var _))
            {
                Interlocked.Increment(ref let);
            }
        });
        Assert.InRange(let, 1, 10);
        Assert.Equal(let, Broker.Connections.Count());
    }

    [Fact]
    public void Its_names_and_numbers_are_its_own()
    {
        var names = Enumerable.Range(0, 1000).Select(_ => Broker.RandomName()).ToHashSet();
        Assert.Equal(1000, names.Count);
        Assert.All(names, n => Assert.Matches("^[A-Za-z0-9_-]{22}$", n));
        Assert.NotEqual(Broker.NextConnectionId(), Broker.NextConnectionId());
        Assert.Equal(Sys.Name, Broker.NodeName);
    }

    [Fact]
    public async Task Two_brokers_in_two_systems_know_nothing_of_each_other()
    {
        using var system = ActorSystem.Create("second", Broker.ConfigOf(ConfigurationFactory.ParseString("akka.loglevel = OFF")));
        var second = await Soon(Broker.StartAsync(system, Memory), "the second broker to start");
        await Declare("q");
        Assert.Null(second.FindVirtualHost("/")!.FindQueue("q"));
    }

    [Fact]
    public async Task A_setting_out_of_range_stops_the_start()
    {
        using var system = ActorSystem.Create(
            "third", Broker.ConfigOf(ConfigurationFactory.ParseString("akka.loglevel = OFF\nactor-broker.memory.check-interval = 1ms")));
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => Broker.StartAsync(system, Memory));
        Assert.Contains("actor-broker.memory.check-interval = 1ms", error.Message);
    }

    private sealed class Connection : IBrokerConnection
    {
        public string UserName => "guest";

        public string VirtualHostName => "/";

        public void AlarmChanged()
        {
        }

        public void CloseForced(string reason)
        {
        }
    }
}
