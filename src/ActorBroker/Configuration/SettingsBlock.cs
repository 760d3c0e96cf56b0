using Akka.Configuration;

namespace ActorBroker.Configuration;

/// <summary>Reads one block of settings; every error names the full key, the value, and what is allowed.</summary>
/// <param name="root">The whole configuration, with reference.conf below it.</param>
/// <param name="path">Path of the block.</param>
internal sealed class SettingsBlock(Config root, string path)
{
    private readonly Config _block = root.GetConfig(path) ?? throw new ConfigurationException($"{path} is missing: is reference.conf loaded?");

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>; "off" is allowed when it has a meaning.</summary>
    public int Int(string key, int low, int high, int? off = null)
    {
        var text = String(key);
        return off is { } unlimited && text is "off"
            ? unlimited
            : int.TryParse(text, out var value) && value >= low && value <= high
                ? value
                : throw Bad(key, text, $"must be a whole number from {low} to {high}{(off is null ? "" : ", or off")}");
    }

    /// <summary>A size such as 16MiB.</summary>
    public long Bytes(string key, long low, long high, long? off = null)
    {
        var text = String(key);
        if (off is { } unlimited && text is "off")
        {
            return unlimited;
        }

        long? value;
        try
        {
            value = _block.GetByteSize(key);
        }
        catch (Exception e) when (e is FormatException or ConfigurationException or OverflowException)
        {
            value = null;
        }

        return value >= low && value <= high
            ? value.Value
            : throw Bad(key, text, $"must be a size from {low} to {high} bytes, such as 64KiB or 16MiB{(off is null ? "" : ", or off")}");
    }

    /// <summary>A time such as 30s.</summary>
    public TimeSpan Duration(string key, TimeSpan low, TimeSpan high)
    {
        TimeSpan? value;
        try
        {
            value = _block.GetTimeSpan(key);
        }
        catch (Exception e) when (e is FormatException or ConfigurationException or OverflowException)
        {
            value = null;
        }

        return value >= low && value <= high
            ? value.Value
            : throw Bad(key, String(key), $"must be a time from {low.TotalSeconds}s to {high.TotalSeconds}s, such as 500ms, 30s or 5m");
    }

    /// <summary>on or off.</summary>
    public bool Bool(string key) => OnOrOff(key, String(key));

    /// <summary>Any text.</summary>
    public string String(string key) => _block.GetString(key) ?? throw new ConfigurationException($"{path}.{key} is missing");

    /// <summary>A list of texts; a single text, with commas between, is one, too.</summary>
    public IReadOnlyList<string> Strings(string key)
    {
        var value = _block.GetValue(key);
        return value is not null && value.IsArray()
            ? [.. _block.GetStringList(key)]
            : String(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The names below a key that are on.</summary>
    public IReadOnlyList<string> NamesOn(string key)
    {
        var value = _block.GetValue(key);
        return value is not null && value.IsObject()
            ? [.. value.GetObject().Items.Where(i => OnOrOff($"{key}.{i.Key}", i.Value.GetString())).Select(i => i.Key.Trim('"'))]
            : [];
    }

    private bool OnOrOff(string key, string text) => text switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        _ => throw Bad(key, text, "must be on or off"),
    };

    private ConfigurationException Bad(string key, string text, string allowed) => new($"{path}.{key} = {text}: {allowed}");
}
