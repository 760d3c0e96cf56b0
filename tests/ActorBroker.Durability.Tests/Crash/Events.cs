namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// Which publisher sent it, and as its how many-th message, from 0. Every attempt to publish has a number of its own:
/// nothing is ever published twice.
/// </summary>
public readonly record struct MessageId(int Publisher, int Number)
{
    public override string ToString() => $"{Publisher}:{Number}";
}

/// <summary>What a client saw, or did, with a message of a queue.</summary>
public enum Step
{
    Delivered,
    Redelivered,
    Acked,
    Requeued,

    /// <summary>Its consumer has left without settling it.</summary>
    Left,
    Rejected,

    /// <summary>Its consumer has cut its connection soon after it had settled it: nobody knows whether the server heard of that.</summary>
    Unsure,
}

/// <summary>How a life of the server ended for its clients.</summary>
public enum LifeEnd
{
    /// <summary>SIGKILL.</summary>
    Killed,

    /// <summary>SIGTERM, while clients worked.</summary>
    StoppedAtWork,

    /// <summary>SIGTERM, with nothing on its way.</summary>
    StoppedAtRest,

    /// <summary>The server has closed all connections, and goes on.</summary>
    Closed,
}

/// <summary>One step of one message at one consumer, in one life of the server.</summary>
/// <param name="At">Since the start of the run; of a settlement: when it had been handed to the socket.</param>
public readonly record struct QueueEvent(Step Step, MessageId Id, int Consumer, int Life, TimeSpan At);

/// <summary>One attempt to publish.</summary>
/// <param name="Route">Index into the routes of the topology.</param>
/// <param name="Life">The life of the server whose process was asked.</param>
public sealed record Publication(MessageId Id, int Route, bool Persistent, int Life, TimeSpan SentAt)
{
    /// <summary>True after <c>basic.ack</c>, false after <c>basic.nack</c>, null when no answer came.</summary>
    public bool? Confirmed { get; set; }
}
