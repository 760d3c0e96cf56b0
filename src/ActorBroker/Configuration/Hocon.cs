namespace ActorBroker.Configuration;

/// <summary>Values as HOCON writes them.</summary>
internal static class Hocon
{
    /// <summary>Any text as one value, or as one name of a path.</summary>
    public static string Quoted(string text) => $"\"{text
        .Replace("\\", @"\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal)
        .Replace("\r", "\\r", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal)}\"";
}
