using System.Globalization;
using ActorBroker.Durability.Tests.Running;

namespace ActorBroker.Durability.Tests.Soak;

/// <summary>What a server has at one moment.</summary>
/// <param name="At">Since the start of the run.</param>
/// <param name="Resident">Resident memory, in bytes.</param>
/// <param name="Descriptors">Open files and sockets.</param>
/// <param name="Threads">Threads of the process.</param>
/// <param name="Database">The database file, in bytes.</param>
/// <param name="WriteAhead">Its write-ahead log, in bytes.</param>
/// <param name="Processor">Processor time since the process began.</param>
/// <param name="Confirmed">Messages whose confirm has come.</param>
internal sealed record SoakSample(
    TimeSpan At, long Resident, long Descriptors, long Threads, long Database, long WriteAhead, TimeSpan Processor, long Confirmed)
{
    private const int TicksPerSecond = 100; // of /proc, on Linux

    public const string Head = "  time    RSS MiB  descriptors  threads  database MiB  WAL MiB  processor s  confirmed";

    /// <summary>Looks at a process and at its data directory.</summary>
    public static SoakSample Of(int process, string data, TimeSpan at, long confirmed)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' '); // from the third field on
        var ticks = long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture);
        return new SoakSample(
            at,
            ProcessMemory.ResidentBytes(process),
            Directory.GetFiles($"/proc/{process}/fd").Length,
            long.Parse(stat[17], CultureInfo.InvariantCulture),
            Length(Path.Combine(data, "actorbroker.db")),
            Length(Path.Combine(data, "actorbroker.db-wal")),
            TimeSpan.FromSeconds((double)ticks / TicksPerSecond),
            confirmed);
    }

    /// <summary>One line of the table below <see cref="Head"/>.</summary>
    public string Line() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At:hh\\:mm\\:ss} {Resident / 1048576.0,9:f1} {Descriptors,12} {Threads,8} {Database / 1048576.0,13:f1} {WriteAhead / 1048576.0,8:f1} {Processor.TotalSeconds,12:f1} {Confirmed,10}");

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}
