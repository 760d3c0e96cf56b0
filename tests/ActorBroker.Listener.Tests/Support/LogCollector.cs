using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>Keeps what went wrong inside the broker: errors in its log, and messages that an actor did not understand.</summary>
public sealed class LogCollector
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _warnings = new();

    public LogCollector(ActorSystem system)
    {
        var ears = system.ActorOf(Props.Create(() => new Ears(this)), "log-collector");
        system.EventStream.Subscribe(ears, typeof(Error));
        system.EventStream.Subscribe(ears, typeof(Warning));
        system.EventStream.Subscribe(ears, typeof(Info));
        system.EventStream.Subscribe(ears, typeof(UnhandledMessage));
    }

    /// <summary>Errors, unhandled messages, and connections that ended by an exception.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public IReadOnlyCollection<string> Warnings => _warnings;

    private void Note(object message)
    {
        switch (message)
        {
            case Error error:
                _faults.Enqueue($"{error.LogSource}: {error.Message} {error.Cause}");
                break;
            case UnhandledMessage unhandled:
                _faults.Enqueue($"{unhandled.Recipient} does not understand {unhandled.Message}");
                break;
            case Warning warning:
                _warnings.Enqueue($"{warning.LogSource}: {warning.Message}");
                break;
            case Info info when info.Message is LogMessage text && text.Format.Contains("was lost", StringComparison.Ordinal):
                _faults.Enqueue(info.Message.ToString()!); // in memory nothing is ever lost: an exception of the broker's own
                break;
        }
    }

    private sealed class Ears(LogCollector log) : UntypedActor
    {
        protected override void OnReceive(object message) => log.Note(message);
    }
}
