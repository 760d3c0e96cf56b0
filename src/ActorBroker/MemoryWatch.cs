namespace ActorBroker;

/// <summary>
/// Holds publishers back while the process uses more memory than it may. Consumers go on, so that memory is freed.
/// </summary>
/// <param name="watermark">In bytes.</param>
/// <param name="alarms">What publishers look at.</param>
internal sealed class MemoryWatch(long watermark, PublisherAlarms alarms)
{
    /// <summary>True while memory is short.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Looks at the memory in use.</summary>
    /// <param name="bytes">Working set of the process.</param>
    public void Measured(long bytes)
    {
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
