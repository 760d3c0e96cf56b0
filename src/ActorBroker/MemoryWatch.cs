namespace ActorBroker;

/// <summary>
/// Holds publishers back while the process uses more memory than it may. Consumers go on, so that memory is freed.
/// </summary>
/// <param name="watermark">In bytes, to begin with.</param>
/// <param name="alarms">What publishers look at.</param>
internal sealed class MemoryWatch(long watermark, PublisherAlarms alarms)
{
    private long _watermark = watermark;

    /// <summary>In bytes; any thread may change it, and it counts from the next look on.</summary>
    public long Watermark
    {
        get => Volatile.Read(ref _watermark);
        set => Volatile.Write(ref _watermark, value);
    }

    /// <summary>True while memory is short.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Looks at the memory in use.</summary>
    /// <param name="bytes">Resident memory of the process.</param>
    public void Measured(long bytes)
    {
        var watermark = Watermark;
        if (!IsOn && bytes > watermark)
        {
            IsOn = true;
            alarms.Raise(this, "low on memory");
        }
        else if (IsOn && bytes < watermark)
        {
            IsOn = false;
            alarms.Clear(this);
        }
    }
}
