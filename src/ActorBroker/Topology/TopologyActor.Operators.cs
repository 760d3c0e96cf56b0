using System.Security.Cryptography;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.VirtualHosts;
using Akka.Actor;

namespace ActorBroker.Topology;

/// <content>Users and virtual hosts, by command of operators.</content>
internal sealed partial class TopologyActor
{
    private bool HandleOperator(object message)
    {
        switch (message)
        {
            case TopologyProtocol.AddVirtualHost m:
                AddVirtualHost(m);
                break;
            case TopologyProtocol.RemoveVirtualHost m:
                RemoveVirtualHost(m);
                break;
            case TopologyProtocol.ListVirtualHosts m:
                Answer(m, [.. _state.VirtualHosts.Order(StringComparer.Ordinal)]);
                break;
            case TopologyProtocol.PutUser m:
                CommitUsers(m, _state.DecideUserPut(m.Name, m.Hash, m.Tags, m.Mode, Salt()));
                break;
            case TopologyProtocol.RemoveUser m:
                CommitUsers(m, _state.DecideUserRemove(m.Name));
                _commits!.Then(() => _broker.CloseConnectionsOf(m.Name, $"user '{m.Name}' is deleted"));
                break;
            case TopologyProtocol.ListUsers m:
                Answer(m, [.. _state.Users.Values.OrderBy(u => u.Name, StringComparer.Ordinal)]);
                break;
            case TopologyProtocol.SetPermissions m:
                CommitUsers(m, _state.DecidePermissionsSet(m.User, m.VirtualHost, m.Configure, m.Write, m.Read, Salt()));
                break;
            case TopologyProtocol.ClearPermissions m:
                CommitUsers(m, _state.DecidePermissionsClear(m.User, m.VirtualHost, Salt()));
                break;
            case TopologyProtocol.SetTopicPermissions m:
                CommitUsers(m, _state.DecideTopicPermissionsSet(m.User, m.VirtualHost, m.Exchange, m.Write, m.Read, Salt()));
                break;
            case TopologyProtocol.ClearTopicPermissions m:
                CommitUsers(m, _state.DecideTopicPermissionsClear(m.User, m.VirtualHost, m.Exchange, Salt()));
                break;
            default:
                return false;
        }

        return true;
    }

    private static byte[] Salt() => RandomNumberGenerator.GetBytes(PasswordHash.SaltLength);

    private void AddVirtualHost(TopologyProtocol.AddVirtualHost m)
    {
        var events = _state.DecideVirtualHostAdd(m.Name);
        if (events.Count == 0)
        {
            Answer(m, false);
            return;
        }

        _commits!.Apply(events);
        _commits.Then(
            () =>
            {
                StartHost(m.Name);
                Show(m.Name, events, () => m.Reply.Succeed(true));
            },
            m.Refuse);
    }

    private void RemoveVirtualHost(TopologyProtocol.RemoveVirtualHost m)
    {
        var events = _state.DecideVirtualHostRemove(m.Name);
        if (events.Count == 0)
        {
            throw new RefusedException(RefusalReason.NotFound, $"there is no vhost '{m.Name}'");
        }

        _commits!.Apply(events);
        var users = _state.Users;
        _commits.Then(
            () =>
            {
                _hosts.Remove(m.Name, out var removed);
                _broker.Remove(removed.Host); // first, so that nobody enters who is not seen below
                _broker.UsersChanged(users);
                _broker.CloseConnectionsIn(m.Name, $"vhost '{m.Name}' is deleted");
                removed.Actor.Tell(new VirtualHostProtocol.Apply(events, () => m.Reply.Succeed(true)));
            },
            m.Refuse);
    }

    private void CommitUsers(TopologyProtocol.Request<bool> request, IReadOnlyList<ITopologyEvent> events)
    {
        _commits!.Apply(events);
        var users = _state.Users;
        _commits.Then(
            () =>
            {
                _broker.UsersChanged(users);
                foreach (var (host, _) in _hosts.Values)
                {
                    host.RightsChanged();
                }

                request.Reply.Succeed(events.Count > 0);
            },
            request.Refuse);
    }
}
