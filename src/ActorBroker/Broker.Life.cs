using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Configuration;
using ActorBroker.QueueGroups;
using ActorBroker.Stores;
using ActorBroker.Topology;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace ActorBroker;

/// <content>How a broker comes into an actor system, starts and ends.</content>
public sealed partial class Broker
{
    private Task<bool>? _stopping;
    private bool _isStopped;
    private bool _gaveUp;

    /// <summary>The configuration of an actor system that hosts a broker: <paramref name="own"/> over the broker's defaults.</summary>
    public static Config ConfigOf(Config own)
    {
        ArgumentNullException.ThrowIfNull(own);
        return own.WithFallback(ActorBrokerReference.Config);
    }

    /// <summary>
    /// The broker of an actor system, which starts it if need be, as the system's configuration says: the Akka extension. Several
    /// brokers of one process live in several actor systems.
    /// </summary>
    /// <remarks>
    /// Returns at once; <see cref="WhenStarted"/> says when it can be used, and the <see cref="Client"/> waits by itself. By configuration:
    /// <c>akka.extensions = ["ActorBroker.BrokerExtension, ActorBroker"]</c>.
    /// </remarks>
    /// <exception cref="ConfigurationException">A setting is out of range; names the key, the value and what is allowed.</exception>
    public static Broker For(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return system.WithExtension<Broker, BrokerExtension>();
    }

    /// <summary>The same.</summary>
    public static Broker Get(ActorSystem system) => For(system);

    /// <summary>Starts the broker of an actor system; completes when it can be used.</summary>
    /// <param name="system">Where it lives.</param>
    /// <param name="cancellation">Ends the waiting, not the start.</param>
    /// <exception cref="ConfigurationException">A setting is out of range; names the key, the value and what is allowed.</exception>
    /// <exception cref="IOException">The store cannot be read, or holds what this version does not know.</exception>
    public static Task<Broker> StartAsync(ActorSystem system, CancellationToken cancellation = default) =>
        StartAsync(system, memory: null, cancellation);

    /// <summary>The same with another look at the memory of the process.</summary>
    internal static async Task<Broker> StartAsync(ActorSystem system, IProcessMemory? memory, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(system);
        var broker = (Broker)system.RegisterExtension(new BrokerExtension(memory));
        await broker.WhenStarted.WaitAsync(cancellation).ConfigureAwait(false);
        return broker;
    }

    /// <summary>A broker that begins to start.</summary>
    internal static Broker Begin(ActorSystem system, IProcessMemory? memory)
    {
        system.Settings.InjectTopLevelFallback(ActorBrokerReference.Config);
        var config = system.Settings.Config;
        var broker = new Broker(system, BrokerSettings.From(config));
        _ = system.WhenTerminated.ContinueWith(
            _ => broker.StartFailed(new IOException("the actor system has ended before its broker had started")), TaskScheduler.Default);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "actor-broker-stop", broker.DrainAsync);
        if (BrokerSystem.StoreOf(system) is null && StoreSettings.From(config) is { Kind: not StoreKind.None } store)
        {
            BrokerSystem.AddPlugins(system, store);
            _ = broker.OpenStoreAndStart(store, memory);
        }
        else
        {
            broker.Start(memory);
        }

        return broker;
    }

    /// <summary>
    /// Ends its service: handlers come to an end, connections and clients are closed, and what is still to be written is written. When this
    /// completes, nobody gets a delivery or a confirm any more; what was not confirmed by then fails with 320. The actor system goes on.
    /// </summary>
    /// <param name="patience">
    /// How long it may take, in real time: up to half of it for handlers and connections that do not end, the rest for the store.
    /// </param>
    /// <param name="cancellation">Ends it sooner, as when the time is up.</param>
    /// <returns>
    /// False when the store did not take everything in that time. Nothing that was confirmed is lost by that; it is only not known which
    /// messages were handed out before.
    /// </returns>
    /// <remarks>The coordinated shutdown of its actor system does this in phase <c>before-actor-system-terminate</c>. May be called again.</remarks>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellation"/>; it confirms nothing more all the same.</exception>
    public async Task<bool> StopAsync(TimeSpan patience, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.Zero);
        try
        {
            if (_stopping is not { IsCompleted: false })
            {
                _stopping = Stop(patience / 4); // handlers first, then connections: half is left for the store
            }

            return await _stopping.WaitAsync(patience, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _gaveUp = true;
            return false;
        }
        finally
        {
            Volatile.Write(ref _isStopped, true);
            foreach (var client in _clients.Keys)
            {
                client.Ended();
            }
        }
    }

    /// <summary>A part of the broker has failed for good, and it must be restarted: publishes to that part are refused meanwhile.</summary>
    internal void Failed(string what) => Failure ??= what;

    /// <summary>The broker cannot start; <see cref="WhenStarted"/> fails.</summary>
    internal void StartFailed(Exception reason) => _started.Fail(reason as IOException ?? new IOException(reason.Message, reason));

    private async Task<bool> Stop(TimeSpan patience)
    {
        await Within(patience, Task.WhenAll(_clients.Keys.Select(c => c.StopConsumersAsync()))).ConfigureAwait(false);
        Volatile.Write(ref _isStopped, true);
        await Task.WhenAll(Within(patience, CloseConnections()), Within(patience, Task.WhenAll(_clients.Keys.Select(c => c.HandOverAsync()))))
            .ConfigureAwait(false);
        return await StopGroups().ConfigureAwait(false);
    }

    private Task CloseConnections()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _allGone, gone);
        CloseForced(static _ => true, "broker forced connection closure with reason 'shutdown'");
        return _connections.IsEmpty ? Task.CompletedTask : gone.Task;
    }

    /// <summary>Waits in real time, and goes on when it does not come or has failed.</summary>
    private static async Task Within(TimeSpan patience, Task task)
    {
        try
        {
            await task.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (Exception reason) when (reason is TimeoutException or AmqpException or OperationCanceledException)
        {
            // what has not ended is ended
        }
    }

    private async Task<bool> StopGroups()
    {
        var stops = Groups.Select(group =>
        {
            var reply = new Reply<bool>();
            group.Tell(new GroupProtocol.Stop(reply));
            return reply.Task;
        }).ToArray();
        return (await Task.WhenAll(stops).ConfigureAwait(false)).All(wrote => wrote);
    }

    /// <summary>A good end of the actor system, after its streams have come to rest; a little sooner than the phase gives up.</summary>
    private async Task<Done> DrainAsync()
    {
        if (WhenStarted.IsCompletedSuccessfully && !_gaveUp) // whoever has waited once does not wait again
        {
            var phase = CoordinatedShutdown.Get(System).Timeout(CoordinatedShutdown.PhaseBeforeActorSystemTerminate);
            await StopAsync(phase * 0.9).ConfigureAwait(false);
        }

        return Done.Instance;
    }

    /// <summary>Opening may take its time, and an extension must not block who asks for it.</summary>
    private async Task OpenStoreAndStart(StoreSettings store, IProcessMemory? memory)
    {
        await Task.Yield();
        try
        {
            BrokerSystem.OpenStore(System, store);
            Start(memory);
        }
        catch (Exception reason)
        {
            System.Log.Error(reason, "the broker does not start: {0}", reason.Message);
            StartFailed(reason);
        }
    }

    private IEnumerable<IActorRef> Queues() => VirtualHosts.SelectMany(static h => h.Queues).Select(static q => q.Actor);

    private void Start(IProcessMemory? memory)
    {
        System.ActorOf(Props.Create(() => new LostMessagesActor(() => Topology)), "actor-broker-lost-messages");
        System.ActorOf(
            Props.Create(() => new MemoryWatchActor(Memory, Settings.MemoryInterval, Settings.TrimWhenIdle, memory ?? new ThisProcess(), Queues)),
            "actor-broker-memory-watch");
        if (BrokerSystem.StoreOf(System) is { } store)
        {
            HasStore = true;
            if (store.Settings.Kind != StoreKind.Memory)
            {
                System.ActorOf(Props.Create(() => new StoreShrinkActor(store)), "actor-broker-store-shrink");
            }

            if (store is { Mark: { } mark, Watcher: null }) // who waits for rest would wait for the disk again and again
            {
                System.ActorOf(Props.Create(() => new StoreMarkActor(mark)), "actor-broker-store-mark");
            }

            QueueGroups = store.QueueGroups;
            _groups = new QueueGroupSet(this, QueueGroups);
            if (store.Disk is { } disk)
            {
                var (watch, groups) = (new DiskWatch(disk, store.Settings.DiskWatermark, Alarms), _groups.All);
                System.ActorOf(Props.Create(() => new DiskWatchActor(watch, disk, groups)), "actor-broker-disk-watch");
            }
        }

        var read = new Reply<bool>();
        Topology = System.ActorOf(TopologyActor.Props(this, read), "actor-broker-topology");
        _ = AnnounceStart(read.Task);
    }

    private async Task AnnounceStart(Task read)
    {
        try
        {
            await read.ConfigureAwait(false);
            foreach (var group in Groups)
            {
                group.Tell(GroupProtocol.AllOpened.Instance);
            }

            _started.Succeed(true);
        }
        catch (Exception reason)
        {
            StartFailed(reason);
        }
    }
}
