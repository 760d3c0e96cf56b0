using System.Globalization;
using ActorBroker.Core.Messages;

namespace ActorBroker;

/// <summary>The memory of a process, so that tests can have one of their own.</summary>
internal interface IProcessMemory
{
    /// <summary>Resident bytes of its own; not those of the files that it has mapped, which the system takes back when it needs them.</summary>
    long InUse { get; }

    /// <summary>Garbage collections so far.</summary>
    int Collections { get; }

    /// <summary>Collects garbage and returns what is free to the system; stops the process for that time.</summary>
    void GiveBack();
}

/// <summary>This process.</summary>
internal sealed class ThisProcess : IProcessMemory
{
    public long InUse
    {
        get
        {
            try
            {
                var pages = File.ReadAllText("/proc/self/statm").Split(' '); // size, resident, of these shared with files
                return (long.Parse(pages[1], CultureInfo.InvariantCulture) - long.Parse(pages[2], CultureInfo.InvariantCulture)) * Environment.SystemPageSize;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
            {
                return Environment.WorkingSet; // not Linux
            }
        }
    }

    public int Collections => GC.CollectionCount(0);

    public void GiveBack()
    {
        Slab.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
