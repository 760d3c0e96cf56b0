using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>Keeps what went wrong inside the broker: errors in its log, and messages that an actor did not understand.</summary>
public sealed class LogCollector
{
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ConcurrentQueue<string> _lost = new();

    public LogCollector(ActorSystem system)
    {
        var ears = system.ActorOf(Props.Create(() => new Ears(this)), "log-collector");
        system.EventStream.Subscribe(ears, typeof(Error));
        system.EventStream.Subscribe(ears, typeof(Warning));
        system.EventStream.Subscribe(ears, typeof(Info));
        system.EventStream.Subscribe(ears, typeof(UnhandledMessage));
    }

    /// <summary>Errors and unhandled messages.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Connections that ended by an exception which the broker takes for a broken socket.</summary>
    public IReadOnlyCollection<string> Lost => _lost;

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
                _lost.Enqueue(info.Message.ToString()!);
                break;
        }
    }

    private sealed class Ears(LogCollector log) : UntypedActor
    {
        protected override void OnReceive(object message) => log.Note(message);
    }
}
