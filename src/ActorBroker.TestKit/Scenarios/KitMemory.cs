namespace ActorBroker.TestKit.Scenarios;

/// <summary>The memory that a test's broker sees: what the test says, whatever else the process does.</summary>
internal sealed class KitMemory : IProcessMemory
{
    public const long Plenty = 64 << 20;
    public const long Short = 2L << 30; // over the watermark of the kit's settings

    private long _inUse = Plenty;

    public long InUse
    {
        get => Volatile.Read(ref _inUse);
        set => Volatile.Write(ref _inUse, value);
    }

    public int Collections => 0;

    public void GiveBack()
    {
    }
}
