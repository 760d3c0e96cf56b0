using System.Collections.Immutable;
using ActorBroker.Addresses;
using ActorBroker.Client;
using ActorBroker.Configuration;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.Publishing;
using ActorBroker.QueueGroups;
using ActorBroker.Queues;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker;

/// <content>What the floors below ask of the broker: see the picture in ARCHITECTURE.md. None of them knows it.</content>
public sealed partial class Broker : IGroupHost, ITopologyHost, IClientHost
{
    BrokerSettings IGroupHost.Settings => Settings;

    ResidentMemory IGroupHost.Resident => Resident;

    void IGroupHost.QueueOpened() => QueueOpened();

    void IGroupHost.StartFailed(Exception reason) => StartFailed(reason);

    void IGroupHost.Failed(string what) => Failed(what);

    BrokerSettings ITopologyHost.Settings => Settings;

    int ITopologyHost.QueueGroups
    {
        get => QueueGroups;
        set => QueueGroups = value;
    }

    IActorRef? ITopologyHost.GroupOf(QueueDefinition queue) => queue.Durable ? _groups?.Of(queue) : null;

    string ITopologyHost.RandomName() => RandomName();

    void ITopologyHost.Add(VirtualHost host) => _virtualHosts[host.Name] = host;

    void ITopologyHost.Remove(VirtualHost host) => _virtualHosts.TryRemove(new(host.Name, host));

    void ITopologyHost.UsersChanged(ImmutableDictionary<string, User> users) => Users.Replace(users);

    void ITopologyHost.CloseConnectionsOf(string user, string reason) => CloseForced(c => c.UserName == user, reason);

    void ITopologyHost.CloseConnectionsIn(string virtualHost, string reason) => CloseForced(c => c.VirtualHostName == virtualHost, reason);

    void ITopologyHost.Failed(string what) => Failed(what);

    bool IClientHost.IsStopped => IsStopped;

    MemoryShare IClientHost.InFlight => Shares.InFlight;

    IActorRef IClientHost.Topology => Topology;

    VirtualHost? IClientHost.FindVirtualHost(string name) => FindVirtualHost(name);

    long IClientHost.NextConnectionId() => NextConnectionId();

    string IClientHost.RandomName() => RandomName();

    void IClientHost.Add(BrokerClient client) => _clients[client] = 0;

    void IClientHost.Remove(BrokerClient client) => _clients.TryRemove(client, out _);
}
