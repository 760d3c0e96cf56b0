using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorBroker.Configuration;
using ActorBroker.Listener;
using ActorBroker.Listener.Configuration;
using ActorBroker.Server.Control;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Server;

/// <summary>The life of the stand-alone broker: start, say so, wait for a signal, drain, exit 0.</summary>
internal static class ServerProcess
{
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(4); // with peers that do not answer
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(6); // with clients and store together: a container is killed after ten
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1.5); // with actors that wait for a store that stands still

    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    /// <exception cref="IOException">An endpoint is in use, or the data directory cannot be used.</exception>
    public static async Task<int> RunAsync(Config config)
    {
        var clock = Stopwatch.StartNew();
        var listenerSettings = ListenerSettings.From(config);
        BrokerSettings.From(config);
        ChooseSocketThreads(config);
        var stop = new TaskCompletionSource<PosixSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var system = BrokerSystem.Create("actorbroker", config);
        try
        {
            var broker = await Broker.StartAsync(system).ConfigureAwait(false);
            await using var control = OpenControl(config, broker);
            await using var listener = await AmqpListener.StartAsync(broker, listenerSettings).ConfigureAwait(false);
            Console.WriteLine($"ActorBroker accepts AMQP 0-9-1 connections on {string.Join(", ", listener.Endpoints)}");
            Console.WriteLine(Started(broker, clock.Elapsed));

            var signal = await stop.Task.ConfigureAwait(false);
            clock.Restart();
            Console.WriteLine($"{signal}: stops, with {broker.Connections.Count()} connections");
            await listener.StopAsync(broker, ClientPatience).ConfigureAwait(false);
            var wroteAll = await broker.StopAsync(StopPatience - clock.Elapsed).ConfigureAwait(false);
            Console.WriteLine(Stopped(broker, wroteAll, clock.Elapsed));
        }
        finally
        {
            await Task.WhenAny(system.Terminate(), Task.Delay(EndPatience, TimeProvider.System)).ConfigureAwait(false);
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult(signal.Signal);
        }
    }

    private static string Started(Broker broker, TimeSpan took) =>
        BrokerSystem.StoreOf(broker.System) is { } store
            ? Line($"Store: {store.Description}; {broker.RecoveredQueues} durable queues recovered, started in {took.TotalSeconds:0.0} s")
            : Line($"Store: none, nothing survives a restart (--data DIR keeps it); started in {took.TotalSeconds:0.0} s");

    private static string Stopped(Broker broker, bool wroteAll, TimeSpan took) => (wroteAll, broker.HasStore) switch
    {
        (true, true) => Line($"Stopped: all is written, drained in {took.TotalSeconds:0.0} s"),
        (true, false) => Line($"Stopped in {took.TotalSeconds:0.0} s"),
        _ => Line($"Stopped after {took.TotalSeconds:0.0} s: the store did not take everything. Nothing that was confirmed is lost; some acks may be"),
    };

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static ControlSocket? OpenControl(Config config, Broker broker)
    {
        var directory = new SettingsBlock(config, BrokerSettings.Path).String("data-dir");
        if (directory.Length == 0)
        {
            return null;
        }

        Disk.CreateDirectory(directory); // a store that is no file has not made it
        return ControlSocket.Open(directory, new BrokerControl(broker).HandleAsync);
    }

    /// <summary>Must come before the first socket. A process-wide switch: the stand-alone server's to set, never an embedded broker's.</summary>
    private static void ChooseSocketThreads(Config config)
    {
        const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        var inline = new SettingsBlock(config, $"{BrokerSettings.Path}.server").Bool("inline-socket-completions");
        if (inline && Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
