using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>The files and environment of a private RabbitMQ node.</summary>
public static class RabbitMqSettings
{
    public static void WriteTo(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "definitions.json"), Definitions());
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[].");
        File.WriteAllText(
            Path.Combine(folder, "rabbitmq.conf"),
            $"""
            max_message_size = {Accounts.MaxMessageSize}
            load_definitions = {folder}/definitions.json

            """);
    }

    public static IEnumerable<(string Name, string Value)> Environment(
        string folder, int port, int distributionPort, int portMapper) =>
    [
        ("HOME", folder),
        ("RABBITMQ_MNESIA_BASE", Path.Combine(folder, "mnesia")),
        ("RABBITMQ_LOG_BASE", Path.Combine(folder, "log")),
        ("RABBITMQ_NODENAME", $"conformance{port}@localhost"),
        ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODE_PORT", $"{port}"),
        ("RABBITMQ_DIST_PORT", $"{distributionPort}"),
        ("RABBITMQ_CONFIG_FILE", Path.Combine(folder, "rabbitmq.conf")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", Path.Combine(folder, "advanced.config")),
        ("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(folder, "enabled_plugins")),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("ERL_EPMD_PORT", $"{portMapper}"),
    ];

    private static string Definitions() => JsonSerializer.Serialize(new
    {
        vhosts = new[] { new { name = "/" }, new { name = Accounts.SecondHost } },
        users = Accounts.All.Select(a => new
        {
            name = a.Name,
            password_hash = Hash(a.Name),
            hashing_algorithm = "rabbit_password_hashing_sha256",
            tags = a.Tag,
        }),
        permissions = Accounts.All.Where(a => a.MayEnter).Select(a => Permission(a, "/"))
            .Append(Permission(Accounts.Guest, Accounts.SecondHost)),
    });

    private static object Permission(Account account, string vhost) => new
    {
        user = account.Name,
        vhost,
        configure = account.Configure,
        write = account.Write,
        read = account.Read,
    };

    /// <summary>RabbitMQ's stored form: base64 of a four-byte salt and the SHA-256 of salt and password.</summary>
    private static string Hash(string password)
    {
        byte[] salt = [1, 2, 3, 4];
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }
}
