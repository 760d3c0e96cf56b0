using System.Security.Cryptography;
using ActorBroker.Amqp;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Server.Control;

/// <summary>Does what operators ask of a broker: users, permissions and virtual hosts.</summary>
/// <param name="broker">The broker.</param>
internal sealed class BrokerControl(Broker broker)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Does it. Never throws: what went wrong is in the answer.</summary>
    public async Task<ControlResponse> HandleAsync(ControlRequest request)
    {
        try
        {
            return await DoAsync(request).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RefusedException or FormatException)
        {
            return new ControlResponse(e.Message);
        }
        catch (AmqpException e)
        {
            return new ControlResponse(e.Text);
        }
        catch (TimeoutException)
        {
            return new ControlResponse(
                $"the broker has not answered for {Patience.TotalSeconds} s: its store does not work. The change may be made when it does");
        }
    }

    private async Task<ControlResponse> DoAsync(ControlRequest r)
    {
        switch (r.Command)
        {
            case "add-user":
                return await Ask(new TopologyProtocol.PutUser(r["name"], Hash(r["password"]), Tags(r["tags"]), UserPutMode.Create)).ConfigureAwait(false);
            case "change-password":
                return await Ask(new TopologyProtocol.PutUser(r["name"], Hash(r["password"]), null, UserPutMode.Change)).ConfigureAwait(false);
            case "set-tags":
                return await Ask(new TopologyProtocol.PutUser(r["name"], null, Tags(r["tags"]), UserPutMode.Change)).ConfigureAwait(false);
            case "delete-user":
                return await Ask(new TopologyProtocol.RemoveUser(r["name"])).ConfigureAwait(false);
            case "set-permissions":
                return await Ask(new TopologyProtocol.SetPermissions(r["name"], r["vhost"], r["configure"], r["write"], r["read"])).ConfigureAwait(false);
            case "clear-permissions":
                return await Ask(new TopologyProtocol.ClearPermissions(r["name"], r["vhost"])).ConfigureAwait(false);
            case "add-vhost":
                return await Ask(new TopologyProtocol.AddVirtualHost(r["name"])).ConfigureAwait(false);
            case "delete-vhost":
                return await Ask(new TopologyProtocol.RemoveVirtualHost(r["name"])).ConfigureAwait(false);
            case "list-vhosts":
                var hosts = await Answer(new TopologyProtocol.ListVirtualHosts()).ConfigureAwait(false);
                return new ControlResponse(null, ["name"], [.. hosts.Select(h => (string[])[h])]);
            case "list-users":
                var users = await Answer(new TopologyProtocol.ListUsers()).ConfigureAwait(false);
                return new ControlResponse(
                    null, ["user", "tags"], [.. users.Select(u => (string[])[u.Name, string.Join(',', u.Tags.Order(StringComparer.Ordinal))])]);
            case "list-permissions":
                var all = await Answer(new TopologyProtocol.ListUsers()).ConfigureAwait(false);
                var rows = from user in all
                           from permission in user.Permissions.OrderBy(p => p.Key, StringComparer.Ordinal)
                           where !r.Arguments.TryGetValue("vhost", out var only) || permission.Key == only
                           select (string[])[user.Name, permission.Key, permission.Value.Configure, permission.Value.Write, permission.Value.Read];
                return new ControlResponse(null, ["user", "vhost", "configure", "write", "read"], [.. rows]);
            default:
                return new ControlResponse($"{r.Command}: the running server does not know this command; it may be of another version");
        }
    }

    private static PasswordHash Hash(string password) => password.Length > 0
        ? PasswordHash.Create(password, RandomNumberGenerator.GetBytes(PasswordHash.SaltLength))
        : throw new FormatException("the password is empty: nobody could log in with it");

    private static string[] Tags(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private async Task<ControlResponse> Ask(TopologyProtocol.Request<bool> request)
    {
        await Answer(request).ConfigureAwait(false);
        return ControlResponse.Done;
    }

    private Task<T> Answer<T>(TopologyProtocol.Request<T> request)
    {
        broker.Topology.Tell(request, ActorRefs.NoSender);
        return request.Reply.Task.WaitAsync(Patience);
    }
}
