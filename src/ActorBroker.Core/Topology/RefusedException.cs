namespace ActorBroker.Core.Topology;

/// <summary>Why a command of an operator was refused.</summary>
internal enum RefusalReason
{
    /// <summary>There is no such user or virtual host.</summary>
    NotFound,

    /// <summary>It is there already.</summary>
    Exists,

    /// <summary>It stands in the configuration and is changed there.</summary>
    Configured,

    /// <summary>A name, tag or regular expression is not a valid one.</summary>
    Invalid,
}

/// <summary>A command of an operator was refused; nothing has changed.</summary>
/// <param name="reason">The kind of the refusal.</param>
/// <param name="message">What the operator is told.</param>
internal sealed class RefusedException(RefusalReason reason, string message) : Exception(message)
{
    /// <summary>The kind of the refusal.</summary>
    public RefusalReason Reason { get; } = reason;
}
