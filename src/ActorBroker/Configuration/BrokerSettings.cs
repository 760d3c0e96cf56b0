using ActorBroker.Core.Security;
using Akka.Configuration;

namespace ActorBroker.Configuration;

/// <summary>The <c>actor-broker</c> block without its listener. What each value means is said once, in <c>hocon/reference.conf</c>.</summary>
internal sealed record BrokerSettings(
    IReadOnlyList<string> VirtualHosts,
    IReadOnlyList<User> Users,
    LoopbackUsers LoopbackUsers,
    bool StrictDurabilityBinding,
    long MemoryWatermark,
    TimeSpan MemoryInterval,
    bool TrimWhenIdle,
    long QueueMemory,
    long AllQueuesMemory,
    TimeSpan SettleGrace)
{
    /// <summary>Where these settings live.</summary>
    public const string Path = "actor-broker";

    /// <summary>Key of virtual hosts that add up.</summary>
    public const string MoreVirtualHosts = "more-vhosts";

    /// <summary>Reads the block and checks every name and range.</summary>
    /// <exception cref="ConfigurationException">Names the full path, the value, and what is allowed.</exception>
    public static BrokerSettings From(Config root)
    {
        var block = new SettingsBlock(root, Path);
        SettingNames.Check(root);
        var memory = new SettingsBlock(root, $"{Path}.memory");
        var hosts = block.Strings("vhosts").Concat(block.NamesOn(MoreVirtualHosts)).Distinct(StringComparer.Ordinal).ToArray();
        if (hosts.Length == 0)
        {
            throw new ConfigurationException($"{Path}.vhosts is empty: name at least one virtual host");
        }

        var users = UserSettings.From(root, hosts);
        return new BrokerSettings(
            hosts,
            [.. users.Select(u => u.User)],
            new LoopbackUsers(users.Where(u => u.LoopbackOnly).Select(u => u.User.Name)),
            new SettingsBlock(root, $"{Path}.amqp").Bool("strict-durability-binding"),
            Configuration.MemoryWatermark.From(memory),
            memory.Duration("check-interval", TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            memory.Bool("trim-when-idle"),
            memory.Bytes("queue", 64 * 1024, long.MaxValue),
            memory.Bytes("all-queues", 1 << 20, long.MaxValue),
            new SettingsBlock(root, $"{Path}.store").Duration("settle-grace", TimeSpan.Zero, TimeSpan.FromSeconds(1)));
    }
}
