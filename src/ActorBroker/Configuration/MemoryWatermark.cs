using Akka.Configuration;

namespace ActorBroker.Configuration;

/// <summary>The memory above which publishers are blocked, as a setting and as an operator says it.</summary>
internal static class MemoryWatermark
{
    /// <summary>Its key below <c>actor-broker.memory</c>.</summary>
    public const string Key = "high-watermark";

    /// <summary>A size in bytes, or a share of the memory that the process may use, in bytes, too.</summary>
    /// <exception cref="ConfigurationException">Names the key, the value, and what is allowed.</exception>
    public static long From(SettingsBlock memory)
    {
        var text = memory.String(Key);
        if (!text.EndsWith('%'))
        {
            return memory.Bytes(Key, 16 << 20, long.MaxValue, off: long.MaxValue);
        }

        return int.TryParse(text[..^1], out var share) && share is >= 1 and <= 100
            ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 100 * share
            : throw new ConfigurationException($"{BrokerSettings.Path}.memory.{Key} = {text}: must be 1% to 100%, a size such as 2GiB, or off");
    }

    /// <summary>The same for a text that does not stand in a file.</summary>
    /// <exception cref="ConfigurationException">As <see cref="From"/>.</exception>
    public static long Parse(string text)
    {
        const string path = BrokerSettings.Path + ".memory";
        return From(new SettingsBlock(ConfigurationFactory.ParseString($"{path}.{Key} = {Hocon.Quoted(text)}"), path));
    }
}
