namespace ActorBroker.Tests.Support;

/// <summary>Memory of a process that a test makes up.</summary>
public sealed class FakeMemory : IProcessMemory
{
    private long _inUse = 100 << 20;
    private int _looks;

    /// <summary>How often somebody has looked.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>Resident bytes.</summary>
    public long InUse
    {
        get
        {
            Interlocked.Increment(ref _looks);
            return Volatile.Read(ref _inUse);
        }

        set => Volatile.Write(ref _inUse, value);
    }

    /// <summary>Garbage collections so far.</summary>
    public int Collections { get; set; }

    /// <summary>How often memory was given back.</summary>
    public int GivenBack { get; private set; }

    /// <inheritdoc/>
    public void GiveBack() => GivenBack++;

    /// <summary>Lets time pass until the memory watch has started its timer.</summary>
    public void WaitForTheFirstLook(Action pass, TimeSpan patience)
    {
        var started = SpinWait.SpinUntil(
            () =>
            {
                pass();
                return Looks > 1;
            },
            patience);
        Assert.True(started, "the memory watch did not start");
    }

    /// <summary>Lets time pass, and waits until somebody has looked.</summary>
    public void WaitForALook(Action pass, TimeSpan patience)
    {
        var looks = Looks;
        pass();
        Assert.True(SpinWait.SpinUntil(() => Looks > looks, patience), "nobody looks at the memory");
    }
}
