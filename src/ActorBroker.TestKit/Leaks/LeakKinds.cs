namespace ActorBroker.TestKit.Leaks;

/// <summary>What a test may not leave behind.</summary>
[Flags]
public enum LeakKinds
{
    /// <summary>Nothing is looked for.</summary>
    None = 0,

    /// <summary>Messages that a consumer got and never settled.</summary>
    Unacked = 1,

    /// <summary>Messages in queues that dead-letter exchanges feed.</summary>
    DeadLetteredMessages = 2,

    /// <summary>Requests and messages that were sent to an actor of the broker that is gone.</summary>
    ActorDeadLetters = 4,

    /// <summary>Errors that the broker has logged, and actors of it that failed, restarts among them; those that the test injected are no leak.</summary>
    Faults = 8,

    /// <summary>AMQP connections that are open.</summary>
    Connections = 16,

    /// <summary>Publishes that still wait, and alarms that hold publishers back.</summary>
    BlockedPublishers = 32,

    /// <summary>All of them.</summary>
    All = Unacked | DeadLetteredMessages | ActorDeadLetters | Faults | Connections | BlockedPublishers,
}
