using Akka.Configuration;
using Akka.Dispatch;

namespace ActorBroker.Scheduling;

/// <summary>The executor of the <c>actor-broker.hot-dispatcher</c>; named in reference.conf.</summary>
internal sealed class HotExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc/>
    public override ExecutorService Produce(string id) => new HotExecutor(id);
}

/// <summary>
/// Runs mailboxes woken during a turn on the same thread at the end of that turn, instead of waking another thread for each.
/// </summary>
/// <remarks>A thread wake-up costs more than everything a message does in the broker; see the design's measurements.</remarks>
internal sealed class HotExecutor(string id) : ExecutorService(id)
{
    /// <inheritdoc/>
    public override void Execute(IRunnable run)
    {
        if (!HotTurn.TryEnqueue(run))
        {
            ThreadPool.UnsafeQueueUserWorkItem(HotTurn.Run, run, preferLocal: true);
        }
    }

    /// <inheritdoc/>
    public override void Shutdown()
    {
    }
}
