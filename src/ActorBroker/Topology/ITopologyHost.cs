using System.Collections.Immutable;
using ActorBroker.Addresses;
using ActorBroker.Configuration;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using Akka.Actor;

namespace ActorBroker.Topology;

/// <summary>What the topology needs of the broker whose it is.</summary>
internal interface ITopologyHost
{
    /// <summary>What the broker was started with.</summary>
    BrokerSettings Settings { get; }

    /// <summary>What holds publishers back.</summary>
    PublisherAlarms Alarms { get; }

    /// <summary>True when durable facts are written to a store.</summary>
    bool HasStore { get; }

    /// <summary>How many logs hold the queues of the store: what the store was created with counts.</summary>
    int QueueGroups { get; set; }

    /// <summary>Who keeps the log of a queue; null when nobody does.</summary>
    IActorRef? GroupOf(QueueDefinition queue);

    /// <summary>22 characters that nobody can guess.</summary>
    string RandomName();

    /// <summary>Connections may enter a virtual host.</summary>
    void Add(VirtualHost host);

    /// <summary>Nobody enters a virtual host any more.</summary>
    void Remove(VirtualHost host);

    /// <summary>The users are these from now on.</summary>
    void UsersChanged(ImmutableDictionary<string, User> users);

    /// <summary>A user's connections are closed with 320.</summary>
    void CloseConnectionsOf(string user, string reason);

    /// <summary>Connections that are in a virtual host are closed with 320.</summary>
    void CloseConnectionsIn(string virtualHost, string reason);

    /// <summary>The topology cannot be changed any more: the broker must be restarted.</summary>
    void Failed(string what);
}
