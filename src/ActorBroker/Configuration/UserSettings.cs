using ActorBroker.Core.Security;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorBroker.Configuration;

/// <summary>One user of the <c>actor-broker.users</c> block.</summary>
/// <param name="User">Name, secret, tags and permissions.</param>
/// <param name="LoopbackOnly">Logins from other machines are refused.</param>
internal sealed record UserSettings(User User, bool LoopbackOnly)
{
    /// <summary>Where these settings live.</summary>
    public const string Path = BrokerSettings.Path + ".users";

    /// <summary>Reads all users that are enabled.</summary>
    /// <exception cref="ConfigurationException">Names the full path, the value, and what is allowed.</exception>
    public static IReadOnlyList<UserSettings> From(Config root, IReadOnlyCollection<string> virtualHosts)
    {
        var users = new List<UserSettings>();
        foreach (var (name, value) in Children(root.GetValue(Path)))
        {
            var path = $"{Path}.{name}";
            var block = Children(value).ToDictionary(c => c.Name, c => c.Value, StringComparer.Ordinal);
            if (Switch(block, "enabled", path, fallback: true))
            {
                users.Add(new UserSettings(UserOf(name, block, path, virtualHosts), Switch(block, "loopback-only", path, fallback: false)));
            }
        }

        return users;
    }

    private static User UserOf(string name, Dictionary<string, HoconValue> block, string path, IReadOnlyCollection<string> virtualHosts) =>
        block.TryGetValue("topic-permissions", out var all)
            ? WithTopics(Login(name, block, path, virtualHosts), all, $"{path}.topic-permissions", virtualHosts)
            : Login(name, block, path, virtualHosts);

    private static User WithTopics(User user, HoconValue all, string path, IReadOnlyCollection<string> virtualHosts)
    {
        foreach (var (host, exchanges) in Children(all))
        {
            CheckHost(host, path, virtualHosts);
            foreach (var (exchange, value) in Children(exchanges))
            {
                var rights = Children(value).ToDictionary(c => c.Name, c => c.Value.GetString(), StringComparer.Ordinal);
                var where = $"{path}.\"{host}\".\"{exchange}\"";
                user = user.WithTopics(host, exchange, new TopicPermissions(user.Name, host, Right("write"), Right("read")));

                string Right(string key) => Expression(rights.GetValueOrDefault(key) ?? "", $"{where}.{key}", e => _ = new TopicPermissions(user.Name, host, e, ""));
            }
        }

        return user;
    }

    private static void CheckHost(string host, string path, IReadOnlyCollection<string> virtualHosts)
    {
        if (!virtualHosts.Contains(host))
        {
            throw new ConfigurationException($"{path}.\"{host}\": must be one of {BrokerSettings.Path}.vhosts ({string.Join(", ", virtualHosts)})");
        }
    }

    private static User Login(string name, Dictionary<string, HoconValue> block, string path, IReadOnlyCollection<string> virtualHosts)
    {
        var tags = block.TryGetValue("tags", out var list) ? TagsOf(list) : [];
        var permissions = new Dictionary<string, Permissions>(StringComparer.Ordinal);
        foreach (var (host, rights) in block.TryGetValue("permissions", out var all) ? Children(all) : [])
        {
            CheckHost(host, $"{path}.permissions", virtualHosts);
            permissions[host] = PermissionsOf(rights, $"{path}.permissions.\"{host}\"");
        }

        if (block.TryGetValue("password-hash", out var hash))
        {
            return hash.GetString() is null or ""
                ? new User(name, null, tags, permissions) // logs in by certificate, or as the anonymous one
                : new User(name, HashOf(hash.GetString(), block.GetValueOrDefault("hashing-algorithm")?.GetString(), path), tags, permissions);
        }

        var password = block.TryGetValue("password", out var plain) ? plain.GetString() : "";
        return password.Length > 0
            ? User.WithPlainPassword(name, password, tags, permissions)
            : throw new ConfigurationException($"{path}: needs password or password-hash");
    }

    private static IEnumerable<string> TagsOf(HoconValue list) => list.IsArray()
        ? list.GetStringList()
        : list.GetString()?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []; // [] reads as nothing

    private static PasswordHash HashOf(string base64, string? algorithm, string path)
    {
        const string prefix = "rabbit_password_hashing_"; // as in definitions of RabbitMQ
        var name = algorithm is null ? "sha256" : algorithm.StartsWith(prefix, StringComparison.Ordinal) ? algorithm[prefix.Length..] : algorithm;
        if (name is not ("sha256" or "sha512" or "md5"))
        {
            throw new ConfigurationException($"{path}.hashing-algorithm = {algorithm}: must be sha256, sha512 or md5");
        }

        try
        {
            return PasswordHash.Parse(base64, prefix + name);
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{path}.password-hash: {e.Message} It must be base64 of a 4-byte salt and the {name} hash");
        }
    }

    private static Permissions PermissionsOf(HoconValue value, string path)
    {
        var rights = Children(value).ToDictionary(c => c.Name, c => c.Value.GetString(), StringComparer.Ordinal);
        return new Permissions(Right("configure"), Right("write"), Right("read"));

        string Right(string key) => Expression(rights.GetValueOrDefault(key) ?? "", $"{path}.{key}", e => NamePattern.Parse(e));
    }

    private static string Expression(string text, string path, Action<string> parse)
    {
        try
        {
            parse(text);
            return text;
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException($"{path} = {text}: must be a regular expression without backtracking ({e.Message})");
        }
    }

    private static bool Switch(Dictionary<string, HoconValue> block, string key, string path, bool fallback) =>
        !block.TryGetValue(key, out var value) ? fallback : value.GetString() switch
        {
            "on" or "true" or "yes" => true,
            "off" or "false" or "no" => false,
            var text => throw new ConfigurationException($"{path}.{key} = {text}: must be on or off"),
        };

    private static IEnumerable<(string Name, HoconValue Value)> Children(HoconValue? value) =>
        value is not null && value.IsObject() ? value.GetObject().Items.Select(i => (i.Key.Trim('"'), i.Value)) : [];
}
