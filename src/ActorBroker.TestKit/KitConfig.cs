using ActorBroker.TestKit.Time;
using Akka.Configuration;

namespace ActorBroker.TestKit;

/// <summary>Settings of the actor systems of a test.</summary>
internal static class KitConfig
{
    /// <summary>Which clock an actor system runs on.</summary>
    public const string ClockPath = "actor-broker-testkit.clock";

    private const string Plain = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.run-by-actor-system-terminate = off # a crash is no good end
        }
        """;

    public static VirtualClock ClockOf(Config config) => VirtualClock.Find(config.GetString(ClockPath));

    /// <summary>The test's own actor system: virtual time, and actors that run side by side as they do elsewhere.</summary>
    public static Config OfTest(VirtualClock clock, string settings) => ConfigurationFactory.ParseString(settings)
        .WithFallback(Time(clock))
        .WithFallback(Executor("akka.actor.default-dispatcher", nameof(CountingExecutorConfigurator)))
        .WithFallback(Executor("akka.actor.internal-dispatcher", nameof(CountingExecutorConfigurator))) // the end of a probe begins there
        .WithFallback(Plain);

    /// <summary>A broker's: its actors run one after the other, so that what happens, happens in the same order each time.</summary>
    public static Config OfBroker(VirtualClock clock, string settings) => ConfigurationFactory.ParseString(settings)
        .WithFallback(Time(clock))
        .WithFallback(Executor("akka.actor.default-dispatcher", nameof(SerialExecutorConfigurator)))
        .WithFallback(Executor("akka.actor.internal-dispatcher", nameof(CountingExecutorConfigurator)))
        .WithFallback(Executor("actor-broker.hot-dispatcher", nameof(SerialExecutorConfigurator)))
        .WithFallback("""
            akka.loggers = []
            akka.stream.materializer.dispatcher = "actor-broker-testkit.store-dispatcher" # must not wait for a turn: its users wait for it
            actor-broker-testkit.store-dispatcher { type = Dispatcher, executor = "default-executor" }
            actor-broker {
              store.settle-grace = 0s # a grace in virtual time would hold a confirm back until the test moves the clock
              amqp.listen = ["127.0.0.1:0"]
              memory { high-watermark = 1GiB, check-interval = 1m }
            }
            """)
        .WithFallback(Plain);

    private static Config Time(VirtualClock clock) => ConfigurationFactory.ParseString($"""
        akka.scheduler.implementation = "{typeof(VirtualScheduler).FullName}, ActorBroker.TestKit"
        {ClockPath} = "{clock.Id}"
        """);

    /// <summary>No deadline in real time: a turn ends after as many messages each time.</summary>
    private static Config Executor(string dispatcher, string executor) => ConfigurationFactory.ParseString($$"""
        {{dispatcher}} {
          type = Dispatcher
          executor = "{{typeof(VirtualClock).Namespace}}.{{executor}}, ActorBroker.TestKit"
          throughput-deadline-time = 0ms
        }
        """);
}
