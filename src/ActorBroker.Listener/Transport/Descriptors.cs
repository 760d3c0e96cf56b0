using System.Globalization;

namespace ActorBroker.Listener.Transport;

/// <summary>File descriptors of this process.</summary>
internal static class Descriptors
{
    private const int Spare = 96; // files of the store, the control socket, and above all libraries that are loaded when first needed: two each

    /// <summary>
    /// How many sockets may be open besides what is open now, so that the store and the rest of the process still find theirs: an eighth of
    /// what is free stays so, and never less than 96. No limit where it cannot be told.
    /// </summary>
    public static int ForSockets()
    {
        const string Limit = "Max open files";
        try
        {
            var line = File.ReadLines("/proc/self/limits").First(l => l.StartsWith(Limit, StringComparison.Ordinal));
            var soft = line[Limit.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            var free = int.Parse(soft, CultureInfo.InvariantCulture) - Directory.GetFileSystemEntries("/proc/self/fd").Length;
            return Math.Max(1, free - Math.Max(Spare, free / 8));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException or InvalidOperationException)
        {
            return int.MaxValue;
        }
    }
}
