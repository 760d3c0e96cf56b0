namespace ActorBroker.Core.Security;

/// <summary>What one may be allowed to do with a queue or an exchange.</summary>
internal enum AccessRight
{
    /// <summary>Create and delete it.</summary>
    Configure,

    /// <summary>Put messages into it, or bind a queue or exchange so that it gets some.</summary>
    Write,

    /// <summary>Take messages from it, or bind to it so that it hands some on.</summary>
    Read,
}
