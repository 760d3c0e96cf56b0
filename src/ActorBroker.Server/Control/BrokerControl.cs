using System.Security.Cryptography;
using ActorBroker.Amqp;
using ActorBroker.Configuration;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.Configuration;

namespace ActorBroker.Server.Control;

/// <summary>Does what operators ask of a broker: users, permissions, virtual hosts, and the memory it may use.</summary>
/// <param name="broker">The broker.</param>
/// <param name="running">True when it serves clients; false when it was started for this command only.</param>
internal sealed class BrokerControl(Broker broker, bool running = true)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Does it. Never throws: what went wrong is in the answer.</summary>
    public async Task<ControlResponse> HandleAsync(ControlRequest request)
    {
        try
        {
            return await DoAsync(request).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RefusedException or FormatException or ConfigurationException)
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
            case "set-topic-permissions":
                return await Ask(new TopologyProtocol.SetTopicPermissions(r["name"], r["vhost"], r["exchange"], r["write"], r["read"])).ConfigureAwait(false);
            case "clear-topic-permissions":
                return await Ask(new TopologyProtocol.ClearTopicPermissions(r["name"], r["vhost"], r.Arguments.GetValueOrDefault("exchange")))
                    .ConfigureAwait(false);
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
            case "list-topic-permissions":
                var limited = await Answer(new TopologyProtocol.ListUsers()).ConfigureAwait(false);
                var topics = from user in limited
                             from topic in user.TopicPermissions
                             where !r.Arguments.TryGetValue("vhost", out var only) || topic.VirtualHost == only
                             select (string[])[user.Name, topic.VirtualHost, topic.Exchange, topic.Topics.Write, topic.Topics.Read];
                return new ControlResponse(null, ["user", "vhost", "exchange", "write", "read"], [.. topics]);
            case "set-memory-high-watermark" when !running:
                return new ControlResponse("no server runs on this data directory; what a server starts with is the setting actor-broker.memory.high-watermark");
            case "set-memory-high-watermark":
                broker.Memory.Watermark = MemoryWatermark.Parse(r["value"]);
                return ControlResponse.Done;
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
