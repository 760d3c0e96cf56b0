using Akka.Actor;

namespace ActorBroker;

/// <summary>The broker as an extension of an actor system, for <c>akka.extensions</c>; in code, <see cref="Broker.For"/>.</summary>
public sealed class BrokerExtension : ExtensionIdProvider<Broker>
{
    private readonly IProcessMemory? _memory;

    /// <summary>Made by Akka.</summary>
    public BrokerExtension()
        : this(memory: null)
    {
    }

    internal BrokerExtension(IProcessMemory? memory) => _memory = memory;

    /// <inheritdoc/>
    public override Broker CreateExtension(ExtendedActorSystem system) => Broker.Begin(system, _memory);
}
