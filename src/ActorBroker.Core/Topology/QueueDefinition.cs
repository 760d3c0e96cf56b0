namespace ActorBroker.Core.Topology;

/// <summary>A queue as it was declared.</summary>
/// <param name="VirtualHost">The virtual host it lives in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Tells this queue from an earlier or later one of the same name.</param>
/// <param name="Durable">True when it survives a restart; never for an exclusive queue.</param>
/// <param name="AutoDelete">True when it goes with its last consumer.</param>
/// <param name="ExclusiveOwner">Id of the only connection that may use it, null when all may.</param>
/// <param name="Arguments">The arguments, checked and taken apart.</param>
internal sealed record QueueDefinition(
    string VirtualHost,
    string Name,
    long Uid,
    bool Durable,
    bool AutoDelete,
    long? ExclusiveOwner,
    QueueArguments Arguments);
