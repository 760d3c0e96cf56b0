using ActorBroker.Core.Messages;

namespace ActorBroker;

/// <summary>The memory of a process, so that tests can have one of their own.</summary>
internal interface IProcessMemory
{
    /// <summary>Resident bytes.</summary>
    long InUse { get; }

    /// <summary>Garbage collections so far.</summary>
    int Collections { get; }

    /// <summary>Collects garbage and returns what is free to the system; stops the process for that time.</summary>
    void GiveBack();
}

/// <summary>This process.</summary>
internal sealed class ThisProcess : IProcessMemory
{
    public long InUse => Environment.WorkingSet;

    public int Collections => GC.CollectionCount(0);

    public void GiveBack()
    {
        Slab.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
