using System.Collections.Concurrent;
using ActorBroker.Listener;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Connections;
using ActorBroker.Stores;
using ActorBroker.TestKit.Faults;
using ActorBroker.TestKit.Leaks;
using ActorBroker.TestKit.Time;
using Akka.Actor;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>
/// The broker of a test: started, stopped, crashed and started again on the same journal and the same port, and spoken to in the words
/// of a scenario. It lives in an actor system of its own, so that it can end without the test's.
/// </summary>
public sealed partial class TestBroker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // real time: a machine may be busy

    private readonly string _name;
    private readonly string _settings;
    private readonly OpenedStore _store;
    private readonly VirtualClock _clock;
    private readonly Func<TestBroker, string, ConsumerProbe> _probes;
    private readonly Action<string> _say;
    private readonly KitMemory _processMemory = new();
    private readonly ConcurrentDictionary<Task, string> _publishing = [];
    private readonly ConcurrentDictionary<string, IBrokerSession> _sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _starting = new(1); // two clients may be the first
    private ActorSystem? _system;
    private Broker? _running;
    private AmqpListener? _listener;
    private int _port;

    internal TestBroker(
        string name, TestStore store, string settings, VirtualClock clock, Func<TestBroker, string, ConsumerProbe> probes, Action<string> say)
    {
        _name = name;
        _clock = clock;
        _probes = probes;
        _say = say;
        Store = new StoreFaults(clock.Activity);
        Connections = new ConnectionFaults(() => _running?.Connections.OfType<AmqpConnection>() ?? []);
        _store = new OpenedStore(store);
        _settings = $"{settings}\n{_store.Settings}";
    }

    /// <summary>The broker that runs now; another one after each start.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public Broker Running => _running ?? throw new InvalidOperationException("the broker does not run: StartAsync() starts it");

    /// <summary>Its client inside the process, in virtual host <c>/</c>, for what the scenario words do not say; another one after each start.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    /// <remarks>What it waits for fails after 5 s of real time in which nothing happens, as <see cref="Publish"/> does.</remarks>
    public IBroker Client => new PatientClient(this, Running.Client);

    /// <summary>True when durable queues and persistent messages are there again after a restart.</summary>
    public bool IsJournaled => _store.Settings.Length > 0;

    /// <summary>Makes the journal fail or wait.</summary>
    public StoreFaults Store { get; }

    /// <summary>Cuts connections of AMQP clients.</summary>
    public ConnectionFaults Connections { get; }

    /// <summary>
    /// Says whether a client that is silent for two heartbeat intervals of virtual time is cut off. Default false: stock clients send
    /// their heartbeats in real time, so hours that pass at once would cost them their connections. Counts for listeners started later.
    /// </summary>
    public bool Heartbeats { get; set; }

    /// <summary>
    /// For stock clients: <c>amqp://guest:guest@127.0.0.1:PORT</c>. The same after a restart. Who first asks for it lets the broker listen, as
    /// by <see cref="ListenAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The broker does not run, and has never listened.</exception>
    public Uri AmqpUri => new($"amqp://guest:guest@127.0.0.1:{(_port > 0 ? _port : Listen())}");

    /// <summary>What it has left behind that a test may have to answer for.</summary>
    internal Diary Diary { get; } = new();

    internal VirtualClock Clock => _clock;

    internal IReadOnlyCollection<string> Publishing => [.. _publishing.Where(p => !p.Key.IsCompleted).Select(p => p.Value)];

    internal bool IsRunning => _running is not null;

    /// <summary>Somebody does things in real time that rest does not know of.</summary>
    internal bool HasClientsOutside => _listener is not null;

    /// <summary>Sockets that are open, also those that have not finished their handshake.</summary>
    internal IReadOnlyCollection<string> OpenConnections => _listener is null
        ? []
        : [.. ((ActorRefWithCell)((ExtendedActorSystem)Running.System).Guardian).Children.Select(c => c.Path.Name)
            .Where(n => n.StartsWith("amqp-connection-", StringComparison.Ordinal))
            .Select(n => Running.Connections.FirstOrDefault(c => n == $"amqp-connection-{((AmqpConnection)c).Id}") is { } open
                ? $"{open}, user '{open.UserName}', vhost '{open.VirtualHostName}'"
                : $"{n["amqp-".Length..].Replace('-', ' ')}, not logged in")];

    /// <summary>Accepts AMQP clients on 127.0.0.1, on a free port that stays the same for as long as the test runs.</summary>
    /// <remarks>
    /// A client whose handshake is under way lives in real time: let it open a channel before the clock is moved over the handshake timeout.
    /// </remarks>
    /// <returns>The port. The same one when it listens already.</returns>
    /// <exception cref="InvalidOperationException">The broker does not run.</exception>
    public async Task<int> ListenAsync()
    {
        await _starting.WaitAsync().ConfigureAwait(false);
        try
        {
            return await ListenOnce().ConfigureAwait(false);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <summary>Starts it after <see cref="StopAsync"/> or <see cref="CrashAsync"/>, with what its journal holds, on the port it had.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    /// <exception cref="IOException">The journal cannot be read, as when the test makes it fail.</exception>
    public async Task StartAsync()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("the broker runs already");
        }

        Store.Revive();
        _system = BrokerSystem.Create(_name, KitConfig.OfBroker(_clock, _settings), Store.Observers);
        Diary.Listen(_system, _say);
        _running = await Broker.StartAsync(_system, _processMemory).WaitAsync(Patience).ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
        if (_port > 0)
        {
            await ListenAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends it as an operator does: clients are told, everything is written.</summary>
    public async Task StopAsync()
    {
        if (_running is not { } running)
        {
            return;
        }

        Store.Release();
        if (_listener is { } listener)
        {
            await listener.StopAsync(running, TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        }

        await running.StopAsync(Patience).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Ends it as a process that is killed: sockets end without a word, and what the journal has not committed is lost. Without a journal
    /// everything is. Acks ride along with the next write, or 100 ms of virtual time later: a crash before that brings their messages back.
    /// </summary>
    public async Task CrashAsync()
    {
        if (_running is null)
        {
            return;
        }

        Store.Die();
        if (_listener is { } listener)
        {
            await listener.AbortAsync().ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
    }

    /// <summary><see cref="StopAsync"/> and <see cref="StartAsync"/>.</summary>
    public async Task RestartAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await StartAsync().ConfigureAwait(false);
    }

    /// <summary><see cref="CrashAsync"/> and <see cref="StartAsync"/>.</summary>
    public async Task CrashAndRestartAsync()
    {
        await CrashAsync().ConfigureAwait(false);
        await StartAsync().ConfigureAwait(false);
    }

    /// <summary>The memory of the process is short: publishers are blocked, clients of the wire hear connection.blocked.</summary>
    public Task RaiseMemoryAlarm() => SetMemory(KitMemory.Short);

    /// <summary>There is room again: publishers go on.</summary>
    public Task ClearMemoryAlarm() => SetMemory(KitMemory.Plenty);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Diary.Close();
        await CrashAsync().ConfigureAwait(false);
        _store.Dispose();
    }

    private async Task<int> ListenOnce()
    {
        if (_listener is null)
        {
            var settings = ListenerSettings.From(Running.System.Settings.Config) with
            {
                Listen = [Endpoint.Parse($"127.0.0.1:{_port}", "port")],
                WatchesHeartbeats = Heartbeats,
                Gate = Connections,
            };
            _listener = await AmqpListener.StartAsync(Running, settings).ConfigureAwait(false);
            _port = _listener.Endpoints[0].Port;
        }

        return _port;
    }

    /// <summary>Waits, as a property must; on the thread pool, so that it does not wait for the test's own context.</summary>
    private int Listen() => Task.Run(ListenAsync).GetAwaiter().GetResult();

    private async Task SetMemory(long bytes)
    {
        _processMemory.InUse = bytes;
        Running.Memory.Measured(bytes);
        await _clock.AtRestAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        if (_listener is { } listener)
        {
            _listener = null;
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        Diary.Pause();
        _running = null;
        _sessions.Clear(); // they end with their broker
        await _system!.Terminate().WaitAsync(Patience).ConfigureAwait(false);
    }
}
