using ActorBroker.Configuration;

namespace ActorBroker;

/// <summary>What a user of <see cref="ActorBrokerOptions.User"/> may do.</summary>
public sealed class BrokerUser
{
    private readonly Dictionary<string, (string Configure, string Write, string Read)> _permissions = new(StringComparer.Ordinal);
    private string[] _tags = [];
    private bool _loopbackOnly;

    internal BrokerUser()
    {
    }

    /// <summary>
    /// Lets the user into a virtual host; the last word for each counts. Without any call the user may do everything in <c>/</c>, and nothing
    /// elsewhere. Regular expressions that need not match the whole name; an empty one matches nothing.
    /// </summary>
    /// <param name="virtualHost">One of the configuration, or of <see cref="BrokerTopology.VirtualHost"/>.</param>
    /// <param name="configure">Names that may be declared and deleted.</param>
    /// <param name="write">Names that may be published to, and queues that may be bound.</param>
    /// <param name="read">Queues that may be consumed from, and exchanges that may be bound to.</param>
    public BrokerUser Permissions(string virtualHost, string configure = ".*", string write = ".*", string read = ".*")
    {
        ArgumentException.ThrowIfNullOrEmpty(virtualHost);
        ArgumentNullException.ThrowIfNull(configure);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        _permissions[virtualHost] = (configure, write, read);
        return this;
    }

    /// <summary>Any of <c>administrator</c>, <c>monitoring</c>, <c>policymaker</c>, <c>management</c>, <c>impersonator</c> (may publish any <c>user_id</c>).</summary>
    public BrokerUser Tags(params string[] tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        _tags = tags;
        return this;
    }

    /// <summary>Logins from other machines are refused.</summary>
    public BrokerUser LoopbackOnly()
    {
        _loopbackOnly = true;
        return this;
    }

    /// <summary>The user as configuration.</summary>
    internal string ToHocon(string name, string password)
    {
        var all = _permissions.Count > 0 ? _permissions : new() { ["/"] = (".*", ".*", ".*") };
        var permissions = all.Select(p => $$"""
              {{Hocon.Quoted(p.Key)}} { configure = {{Hocon.Quoted(p.Value.Configure)}}, write = {{Hocon.Quoted(p.Value.Write)}}, read = {{Hocon.Quoted(p.Value.Read)}} }
            """);
        return $$"""
            {{UserSettings.Path}}.{{Hocon.Quoted(name)}} {
              password = {{Hocon.Quoted(password)}}
              loopback-only = {{(_loopbackOnly ? "on" : "off")}}
              tags = [{{string.Join(", ", _tags.Select(Hocon.Quoted))}}]
              permissions {
            {{string.Join('\n', permissions)}}
              }
            }
            """;
    }
}
