using ActorBroker.Addresses;
using ActorBroker.Publishing;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>What clients inside the process need of their broker. Any thread.</summary>
internal interface IClientHost
{
    /// <summary>Where the broker lives.</summary>
    ActorSystem System { get; }

    /// <summary>Completes when the broker can be used.</summary>
    Task WhenStarted { get; }

    /// <summary>The broker takes nothing more.</summary>
    bool IsStopped { get; }

    /// <summary>What holds publishers back.</summary>
    PublisherAlarms Alarms { get; }

    /// <summary>Bytes that its publishers together have handed to queues, and these have not taken yet.</summary>
    MemoryShare InFlight { get; }

    /// <summary>The one writer of virtual hosts, exchanges, queues and bindings.</summary>
    IActorRef Topology { get; }

    /// <summary>The virtual host of that name, or null.</summary>
    VirtualHost? FindVirtualHost(string name);

    /// <summary>A number for a new connection.</summary>
    long NextConnectionId();

    /// <summary>22 characters that nobody can guess.</summary>
    string RandomName();

    /// <summary>The client has begun: it hears when the broker stops.</summary>
    void Add(BrokerClient client);

    /// <summary>The client has ended.</summary>
    void Remove(BrokerClient client);
}
