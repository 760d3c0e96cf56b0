using System.Collections.Concurrent;
using Akka;
using Akka.Actor;

namespace ActorBroker.Streams;

/// <summary>A running stage that can come to rest.</summary>
internal interface IDrains
{
    /// <summary>Completes when it has: nothing more comes from it, or what it took is confirmed.</summary>
    Task DrainAsync();
}

/// <summary>
/// The stages that run in, or with the broker of, one actor system. Its coordinated shutdown lets sources work off what they hold, and
/// waits for the confirms of what was published, while the broker still runs; as long as that phase may take. Who calls
/// <see cref="ActorSystem.Terminate"/> himself wants the end at once.
/// </summary>
internal sealed class RunningStreams : IExtension
{
    private readonly ConcurrentDictionary<IDrains, byte> _sources = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<IDrains, byte> _publishers = new(ReferenceEqualityComparer.Instance);

    private RunningStreams(ActorSystem system)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(
            CoordinatedShutdown.PhaseServiceRequestsDone,
            "drain-broker-streams",
            () => shutdown.ShutdownReason is CoordinatedShutdown.ActorSystemTerminateReason ? Task.FromResult(Done.Instance) : Drain());
    }

    /// <summary>Those of an actor system.</summary>
    public static RunningStreams Of(ActorSystem system) => system.WithExtension<RunningStreams, Provider>();

    /// <summary>It runs.</summary>
    public void Add(IDrains stage, bool isSource) => (isSource ? _sources : _publishers)[stage] = 0;

    /// <summary>It has ended.</summary>
    public void Remove(IDrains stage)
    {
        _sources.TryRemove(stage, out _);
        _publishers.TryRemove(stage, out _);
    }

    private async Task<Done> Drain()
    {
        await Task.WhenAll(_sources.Keys.Select(s => s.DrainAsync())).ConfigureAwait(false);
        await Task.WhenAll(_publishers.Keys.Select(s => s.DrainAsync())).ConfigureAwait(false);
        return Done.Instance;
    }

    /// <summary>Made by the actor system.</summary>
    private sealed class Provider : ExtensionIdProvider<RunningStreams>
    {
        public override RunningStreams CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
