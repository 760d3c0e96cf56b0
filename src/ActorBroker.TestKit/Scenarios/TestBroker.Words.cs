using ActorBroker.Amqp.Content;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.TestKit.Scenarios;

/// <content>The words of a scenario, in virtual host <c>/</c>.</content>
public sealed partial class TestBroker
{
    internal const string Root = "/";

    private static readonly TimeSpan WordPatience = TimeSpan.FromSeconds(5); // real time, in which nothing happens

    /// <summary>Declares a virtual host that stock clients may use as <c>guest</c>; nothing when it is there.</summary>
    /// <returns>The same words for it.</returns>
    public async Task<TestVirtualHost> DeclareVirtualHost(string name)
    {
        if (Running.FindVirtualHost(name) is null)
        {
            await Ask(new TopologyProtocol.AddVirtualHost(name)).ConfigureAwait(false);
            await Ask(new TopologyProtocol.SetPermissions("guest", name, ".*", ".*", ".*")).ConfigureAwait(false);
        }

        return In(name);
    }

    /// <summary>The same words for another virtual host.</summary>
    public TestVirtualHost In(string virtualHost) => new(this, virtualHost);

    /// <inheritdoc cref="TestVirtualHost.DeclareQueue"/>
    public Task<QueueInfo> DeclareQueue(string queue, QueueOptions? options = null) => In(Root).DeclareQueue(queue, options);

    /// <inheritdoc cref="TestVirtualHost.DeclareExchange"/>
    public Task DeclareExchange(string exchange, string type = "direct", ExchangeOptions? options = null) =>
        In(Root).DeclareExchange(exchange, type, options);

    /// <inheritdoc cref="TestVirtualHost.Bind"/>
    public Task Bind(string queue, string exchange, string bindingKey = "") => In(Root).Bind(queue, exchange, bindingKey);

    /// <inheritdoc cref="TestVirtualHost.Publish"/>
    public Task<PublishResult> Publish(string exchange, string routingKey, string body, BasicProperties? properties = null, bool mandatory = false) =>
        In(Root).Publish(exchange, routingKey, body, properties, mandatory);

    /// <inheritdoc cref="TestVirtualHost.Consume"/>
    public Task<ConsumerProbe> Consume(string queue, int prefetch = 0, ConsumerOptions? options = null) => In(Root).Consume(queue, prefetch, options);

    /// <inheritdoc cref="TestVirtualHost.Get"/>
    public Task<Delivery?> Get(string queue, bool autoAck = false) => In(Root).Get(queue, autoAck);

    /// <inheritdoc cref="TestVirtualHost.Queue"/>
    public TestQueue Queue(string name) => In(Root).Queue(name);

    internal IBroker ClientOf(string virtualHost) => virtualHost == Root ? Running.Client : _sessions.GetOrAdd(virtualHost, Running.Open);

    internal ConsumerProbe Probe(string queue) => _probes(this, queue);

    /// <summary>Keeps in mind what is published until it is confirmed.</summary>
    internal Task<PublishResult> Publishes(Task<PublishResult> publish, string what)
    {
        _publishing[publish] = what;
        publish.ContinueWith(done => _publishing.TryRemove(done, out _), TaskScheduler.Default);
        return publish;
    }

    /// <summary>A word of a scenario: from rest to rest.</summary>
    /// <exception cref="TimeoutException">It waits for something that only the test can bring about.</exception>
    internal async Task<T> Word<T>(Func<Task<T>> word, string what)
    {
        await _clock.AtRestAsync().ConfigureAwait(false);
        var said = word();
        await Patient(said, what).ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
        return await said.ConfigureAwait(false);
    }

    /// <inheritdoc cref="Word{T}"/>
    internal Task Word(Func<Task> word, string what) => Word(
        async () =>
        {
            await word().ConfigureAwait(false);
            return true;
        },
        what);

    /// <summary>
    /// Waits as long as anything moves. When all is at rest and the clock stands still, nothing will come by itself: a test that went on
    /// waiting would hang.
    /// </summary>
    internal async Task Patient(Task task, string what)
    {
        while (true)
        {
            var before = _clock.Elapsed;
            try
            {
                await task.WaitAsync(WordPatience).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException) when (!task.IsCompleted)
            {
                if (_clock.Elapsed == before && _clock.Activity.IsAtRest)
                {
                    throw new TimeoutException(
                        $"waited {WordPatience.TotalSeconds} s of real time for {what}, and nothing goes on in the broker: {string.Join("; ", Obstacles())}");
                }
            }
        }
    }

    /// <summary>What may hold a word up, and what a test does about it.</summary>
    private IEnumerable<string> Obstacles()
    {
        if (Store.Obstacle is { } store)
        {
            yield return store;
        }

        if (_running is { Alarms: { IsOn: true } alarms })
        {
            yield return $"publishers are blocked ({alarms.Reason})"
                + (_processMemory.InUse == KitMemory.Short ? ", until Broker.ClearMemoryAlarm()" : "");
        }

        if (_running is null)
        {
            yield return "the broker does not run: Broker.StartAsync() starts it";
        }

        yield return $"the clock stands still at {_clock.Elapsed}"
            + (_clock.NextDue is { } due
                ? $", and a timer is due in {due}: keep the task, await Clock.AdvanceAsync(...) over it, then await the task"
                : ", and no timer is set");
    }

    private Task<bool> Ask(TopologyProtocol.Request<bool> request) => Word(
        () =>
        {
            Running.Topology.Tell(request, ActorRefs.NoSender);
            return request.Reply.Task;
        },
        $"the answer to {request.GetType().Name}");
}
