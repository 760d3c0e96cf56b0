using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Client;

/// <summary>
/// What the log hears of a handler that throws: one line, then one in ten seconds with what came meanwhile. The stack trace comes once,
/// and again when another exception comes.
/// </summary>
internal sealed class HandlerFailures(ILoggingAdapter log, IActionScheduler scheduler, string queue)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Exception? _last;
    private string _outcome = "";
    private string _shown = "";
    private int _count;
    private bool _isQuiet; // the line of this interval is written

    /// <summary>The handler threw.</summary>
    /// <param name="fault">What.</param>
    /// <param name="delivery">With which message.</param>
    /// <param name="outcome">What becomes of the message.</param>
    public void Add(Exception fault, Delivery delivery, string outcome)
    {
        lock (_lock)
        {
            (_last, _outcome) = (fault, $"try {delivery.DeliveryCount + 1}, {outcome}");
            _count++;
            if (_isQuiet)
            {
                return;
            }

            Write();
        }
    }

    private void Elapsed()
    {
        lock (_lock)
        {
            _isQuiet = false;
            if (_count > 0)
            {
                Write();
            }
        }
    }

    private void Write()
    {
        var fault = _last!;
        var text = $"{fault.GetType().Name}: {fault.Message}";
        var times = _count == 1 ? "failed" : $"failed {_count} times in {Interval.TotalSeconds} s, at last";
        log.Warning(text == _shown ? null : fault, "the handler of queue '{0}' {1} ({2}): {3}", queue, times, _outcome, text);
        (_shown, _count, _isQuiet) = (text, 0, true);
        try
        {
            scheduler.ScheduleOnce(Interval, Elapsed);
        }
        catch (SchedulerException)
        {
            // the actor system ends
        }
    }
}
