using System.Collections.Concurrent;
using ActorBroker.Addresses;
using ActorBroker.Queues;
using ActorBroker.TestKit.Faults;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.TestKit.Leaks;

/// <summary>What a test's broker has logged and lost while it ran.</summary>
internal sealed class Diary
{
    private volatile Ear? _ear;
    private volatile bool _isClosed;

    /// <summary>Errors that were logged.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Actors that threw, and what their supervisor did: they began anew, ended, or went on as if nothing were.</summary>
    public ConcurrentQueue<string> Failures { get; } = new();

    /// <summary>What was sent to actors that are gone.</summary>
    public ConcurrentQueue<string> Lost { get; } = new();

    /// <summary>Listens to a broker that is about to start.</summary>
    public void Listen(ActorSystem system, Action<string> say)
    {
        var ear = new Ear(system, this, say);
        system.EventStream.Subscribe(ear, typeof(LogEvent));
        system.EventStream.Subscribe(ear, typeof(DeadLetter));
        _ear = ear;
    }

    /// <summary>The broker ends: what its actors no longer hear is no leak.</summary>
    public void Pause() => _ear = null;

    /// <summary>For good.</summary>
    public void Close() => _isClosed = true;

    private void Hear(Ear ear, object message, Action<string> say)
    {
        if (_isClosed || ear != _ear)
        {
            return;
        }

        switch (message)
        {
            case LogEvent @event:
                say($"broker: {@event}");
                if (!IsInjected(@event.Cause))
                {
                    Note(@event);
                }

                break;
            case DeadLetter { Message: EnqueueBatch or QueueProtocol.Subscribe or IAwaited } lost when QueueTombstones.Find(lost.Recipient) is null:
                Lost.Enqueue($"{lost.Message.GetType().Name} for {Target(lost)}");
                break;
        }
    }

    private void Note(LogEvent said)
    {
        if (said is { Cause: { } fault } && typeof(SupervisorStrategy).IsAssignableFrom(said.LogClass))
        {
            var outcome = said is Error ? "it was restarted or stopped" : "it was resumed";
            Failures.Enqueue($"{said.LogSource}: {Describe(fault)}; {outcome}");
        }
        else if (said is Error)
        {
            Faults.Enqueue($"{said.LogSource}: {said.Message}{(said.Cause is null ? "" : $" ({Describe(said.Cause)})")}");
        }
    }

    private static string Describe(Exception fault) => $"{fault.GetType().Name}: {fault.Message}";

    private static string Target(DeadLetter lost) => lost.Message switch
    {
        EnqueueBatch batch => batch.Queue.Description,
        QueueProtocol.Subscribe subscribe => subscribe.Consumer.Queue.Description,
        _ => lost.Recipient.Path.ToStringWithoutAddress(),
    };

    private static bool IsInjected(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            if (cause is InjectedFaultException or ActorKilledException)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Hears at once, on the thread of the one who says it.</summary>
    private sealed class Ear(ActorSystem system, Diary diary, Action<string> say) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "testkit-diary";

        public override IActorRefProvider Provider => ((ExtendedActorSystem)system).Provider;

        protected override void TellInternal(object message, IActorRef sender) => diary.Hear(this, message, say);
    }
}
