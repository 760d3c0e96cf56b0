using Akka.Actor;

namespace ActorBroker;

/// <summary>
/// Holds publishers back while the process uses more memory than it may. Consumers go on, so that memory is freed.
/// </summary>
public sealed class MemoryWatch(long watermark)
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
    /// <param name="system">Its event stream hears <see cref="MemoryAlarm"/> when it goes on or off.</param>
    public void Measured(long bytes, ActorSystem system)
    {
        var isOn = IsOn;
        if (!isOn && bytes > watermark)
        {
            _off = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            system.EventStream.Publish(new MemoryAlarm(true));
        }
        else if (isOn && bytes < watermark)
        {
            var off = _off;
            _off = null;
            system.EventStream.Publish(new MemoryAlarm(false));
            off!.SetResult();
        }
    }
}
