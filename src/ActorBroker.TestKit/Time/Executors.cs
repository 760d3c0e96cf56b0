using Akka.Configuration;
using Akka.Dispatch;

namespace ActorBroker.TestKit.Time;

/// <summary>One mailbox after the other; named in the kit's configuration.</summary>
internal sealed class SerialExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
{
    public override ExecutorService Produce(string id) => new Executor(id, KitConfig.ClockOf(Prerequisites.Settings.Config).Activity.Run);

    /// <summary>Hands mailboxes to whoever runs them.</summary>
    internal sealed class Executor(string id, Action<IRunnable> run) : ExecutorService(id)
    {
        public override void Execute(IRunnable mailbox) => run(mailbox);

        public override void Shutdown()
        {
        }
    }
}

/// <summary>Mailboxes on the thread pool, counted; named in the kit's configuration.</summary>
internal sealed class CountingExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites) : ExecutorServiceConfigurator(config, prerequisites)
{
    public override ExecutorService Produce(string id) =>
        new SerialExecutorConfigurator.Executor(id, KitConfig.ClockOf(Prerequisites.Settings.Config).Activity.RunBeside);
}
