using System.Globalization;

namespace ActorBroker.Durability.Tests.Running;

/// <summary>Memory of another process, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident pages of the process, in bytes.</summary>
    public static long ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }
}
