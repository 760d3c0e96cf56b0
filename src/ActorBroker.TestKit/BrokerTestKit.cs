using ActorBroker.TestKit.Leaks;
using ActorBroker.TestKit.Scenarios;
using ActorBroker.TestKit.Time;
using Xunit;
using Xunit.Abstractions;

namespace ActorBroker.TestKit;

/// <summary>
/// Base class of scenario tests: a real broker in the test's process, in virtual time, with faults on demand. No container, no sleep.
/// </summary>
/// <remarks>
/// <para>The broker lives in an actor system of its own, so that it can stop, crash and start again while the test's system, its probes
/// and the user's actors in it go on. References work across the two, and both run on the same <see cref="Clock"/>.</para>
/// <para>Without a journal all is in memory and a restart loses it; with <c>journaled: true</c> durable queues and persistent messages are
/// there again, from SQLite in memory; with <c>store: TestStore.SqliteFile()</c> from a file. Code that talks AMQP gets a port by
/// <see cref="TestBroker.ListenAsync"/>.</para>
/// <para>At the end of a test the broker is asked what was left; see <see cref="LeakHunt"/>.</para>
/// </remarks>
public abstract class BrokerTestKit : Akka.TestKit.Xunit2.TestKit, IAsyncLifetime
{
    private readonly string _settings;
    private readonly List<TestBroker> _brokers = [];
    private int _consumers;

    /// <summary>Makes the actor system of the test; the broker starts before the test method runs.</summary>
    /// <param name="output">Gets the log lines of the broker that are warnings or errors.</param>
    /// <param name="journaled">True: what is durable survives restarts; short for <see cref="TestStore.Memory"/>.</param>
    /// <param name="settings">HOCON over the broker's settings, such as <c>actor-broker.amqp.heartbeat = 10s</c>.</param>
    /// <param name="store">Where what is durable is kept; wins over <paramref name="journaled"/>.</param>
    protected BrokerTestKit(ITestOutputHelper? output = null, bool journaled = false, string settings = "", TestStore? store = null)
        : this(output, StoreOf(journaled, store), settings, new VirtualClock())
    {
    }

    private BrokerTestKit(ITestOutputHelper? output, TestStore store, string settings, VirtualClock clock)
        : base(KitConfig.OfTest(clock, ""), output: output)
    {
        _settings = settings;
        Clock = clock;
        Broker = Add("broker", store);
    }

    /// <summary>The broker under the test; started.</summary>
    protected TestBroker Broker { get; }

    /// <summary>The time of the broker and of the test's actor system.</summary>
    protected VirtualClock Clock { get; }

    /// <summary>What is looked for at the end of the test; <see cref="LeakKinds.All"/> unless the test says otherwise.</summary>
    protected LeakKinds LeakHunt { get; set; } = LeakKinds.All;

    /// <inheritdoc/>
    public virtual Task InitializeAsync() => Broker.StartAsync();

    /// <summary>Looks for leaks, then ends the broker.</summary>
    /// <exception cref="LeaksFoundException">Names what was left.</exception>
    public virtual async Task DisposeAsync()
    {
        try
        {
            var leaks = new List<string>();
            foreach (var broker in _brokers)
            {
                leaks.AddRange(await Leaks.LeakHunt.Run(broker, LeakHunt).ConfigureAwait(false));
            }

            if (leaks.Count > 0)
            {
                throw new LeaksFoundException(leaks);
            }
        }
        finally
        {
            foreach (var broker in _brokers)
            {
                await broker.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>One more broker on the same clock, ended and searched for leaks with the test.</summary>
    /// <param name="name">Name of its node.</param>
    /// <param name="journaled">True: what is durable survives restarts; short for <see cref="TestStore.Memory"/>.</param>
    /// <param name="store">Where what is durable is kept; wins over <paramref name="journaled"/>.</param>
    protected async Task<TestBroker> StartBrokerAsync(string name, bool journaled = false, TestStore? store = null)
    {
        var broker = Add(name, StoreOf(journaled, store));
        await broker.StartAsync().ConfigureAwait(false);
        return broker;
    }

    /// <inheritdoc/>
    protected override void AfterAll()
    {
        base.AfterAll();
        Clock.Dispose();
    }

    private static TestStore StoreOf(bool journaled, TestStore? store) => store ?? (journaled ? TestStore.Memory : TestStore.None);

    private TestBroker Add(string name, TestStore store)
    {
        var broker = new TestBroker(name, store, _settings, Clock, Probe, Say);
        _brokers.Add(broker);
        return broker;
    }

    private ConsumerProbe Probe(TestBroker broker, string queue) => new(Sys, Assertions, broker, queue, $"consumer-{++_consumers}");

    private void Say(string line)
    {
        try
        {
            Output?.WriteLine(line);
        }
        catch (InvalidOperationException)
        {
            // the test is over
        }
    }
}
