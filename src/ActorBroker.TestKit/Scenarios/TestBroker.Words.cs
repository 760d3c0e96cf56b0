using ActorBroker.Amqp.Content;
using ActorBroker.Client;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.TestKit.Scenarios;

/// <content>The words of a scenario, in virtual host <c>/</c>.</content>
public sealed partial class TestBroker
{
    internal const string Root = "/";

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

    internal IBroker ClientOf(string virtualHost) => virtualHost == Root ? Client : _sessions.GetOrAdd(virtualHost, Running.Open);

    internal ConsumerProbe Probe(string queue) => _probes(this, queue);

    /// <summary>Keeps in mind what is published until it is confirmed.</summary>
    internal Task<PublishResult> Publishes(Task<PublishResult> publish, string what)
    {
        _publishing[publish] = what;
        publish.ContinueWith(done => _publishing.TryRemove(done, out _), TaskScheduler.Default);
        return publish;
    }

    internal async Task<T> Word<T>(Func<Task<T>> word)
    {
        await _clock.AtRestAsync().ConfigureAwait(false);
        var result = await word().ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
        return result;
    }

    internal async Task Word(Func<Task> word)
    {
        await _clock.AtRestAsync().ConfigureAwait(false);
        await word().ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
    }

    private Task<bool> Ask(TopologyProtocol.Request<bool> request) => Word(() =>
    {
        Running.Topology.Tell(request, ActorRefs.NoSender);
        return request.Reply.Task;
    });
}
