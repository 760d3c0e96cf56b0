using Akka.Actor;

namespace ActorBroker.Scheduling;

/// <summary>Who measures moments for the actors of one system: its scheduler, when it can, else a thread of the broker's.</summary>
internal sealed class SystemMoments : IExtension
{
    private readonly IMoments _moments;

    private SystemMoments(ExtendedActorSystem system)
    {
        if (system.Scheduler is IMoments moments)
        {
            _moments = moments;
            return;
        }

        var thread = new MomentThread($"{system.Name}-moments");
        _moments = thread;
        _ = system.WhenTerminated.ContinueWith(_ => thread.Dispose(), TaskScheduler.Default);
    }

    /// <summary>The one of that actor system.</summary>
    public static IMoments For(ActorSystem system) => system.WithExtension<SystemMoments, Provider>()._moments;

    private sealed class Provider : ExtensionIdProvider<SystemMoments>
    {
        public override SystemMoments CreateExtension(ExtendedActorSystem system) => new(system);
    }
}
