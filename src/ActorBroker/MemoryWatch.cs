namespace ActorBroker;

/// <summary>
/// Holds publishers back while the process uses more memory than it may. Consumers go on, so that memory is freed.
/// </summary>
/// <param name="watermark">In bytes.</param>
/// <param name="changed">Hears when it goes on or off.</param>
public sealed class MemoryWatch(long watermark, Action<bool> changed)
{
    private volatile TaskCompletionSource? _off;

    /// <summary>True while publishers are held back.</summary>
    public bool IsOn => _off is not null;

    /// <summary>What connection.blocked says.</summary>
    public string Reason => "low on memory";

    /// <summary>Completes when publishers may go on.</summary>
    public Task WhenOff() => _off?.Task ?? Task.CompletedTask;

    /// <summary>Looks at the memory in use.</summary>
    /// <param name="bytes">Working set of the process.</param>
    public void Measured(long bytes)
    {
        var isOn = IsOn;
        if (!isOn && bytes > watermark)
        {
            _off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed(true);
        }
        else if (isOn && bytes < watermark)
        {
            var off = _off;
            _off = null;
            changed(false);
            off!.SetResult();
        }
    }
}
