namespace ActorBroker.Listener.Tests.Support;

/// <summary>Specs that measure memory or time: one after the other, when nothing else runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Measured
{
    public const string Name = "Measured";
}
