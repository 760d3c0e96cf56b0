using ActorBroker.Configuration;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <summary>What queue groups need of the broker whose queues they keep.</summary>
internal interface IGroupHost
{
    /// <summary>Where they live.</summary>
    ActorSystem System { get; }

    /// <summary>What the broker was started with.</summary>
    BrokerSettings Settings { get; }

    /// <summary>What holds publishers back.</summary>
    PublisherAlarms Alarms { get; }

    /// <summary>Memory of waiting messages that are in a log as well.</summary>
    ResidentMemory Resident { get; }

    /// <summary>A durable queue is open.</summary>
    void QueueOpened();

    /// <summary>A log cannot be read: the broker does not start.</summary>
    void StartFailed(Exception reason);

    /// <summary>A log cannot be written any more: the broker must be restarted.</summary>
    void Failed(string what);
}
