using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Client;

namespace ActorBroker.TestKit.Scenarios;

/// <content>The words of a scenario. Each begins and ends with a broker at rest, so that what follows from one is done before the next.</content>
public sealed partial class TestBroker
{
    /// <summary>Declares a queue: durable unless the options say otherwise.</summary>
    /// <exception cref="AmqpException">What queue.declare is refused with.</exception>
    public Task<QueueInfo> DeclareQueue(string queue, QueueOptions? options = null) => Word(() => Client.DeclareQueueAsync(queue, options));

    /// <summary>Declares an exchange: durable unless the options say otherwise.</summary>
    /// <exception cref="AmqpException">What exchange.declare is refused with.</exception>
    public Task DeclareExchange(string exchange, string type = "direct", ExchangeOptions? options = null) =>
        Word(() => Client.DeclareExchangeAsync(exchange, type, options));

    /// <summary>Binds a queue to an exchange.</summary>
    /// <exception cref="AmqpException">What queue.bind is refused with.</exception>
    public Task Bind(string queue, string exchange, string bindingKey = "") => Word(() => Client.BindQueueAsync(queue, exchange, bindingKey));

    /// <summary>Publishes text and waits for the confirm; persistent unless the properties say otherwise.</summary>
    /// <remarks>While publishers are blocked it does not complete: keep the task, and await it when they go on.</remarks>
    /// <exception cref="AmqpException">What basic.publish is refused with; 320 when the broker ends before it has confirmed.</exception>
    /// <exception cref="PublishRefusedException">A queue refused it.</exception>
    public Task<PublishResult> Publish(string exchange, string routingKey, string body, BasicProperties? properties = null, bool mandatory = false)
    {
        var publish = Word(() => Client.PublishAsync(exchange, routingKey, Encoding.UTF8.GetBytes(body), properties, mandatory));
        _publishing[publish] = $"'{body}' to exchange '{exchange}' with key '{routingKey}'";
        publish.ContinueWith(done => _publishing.TryRemove(done, out _), TaskScheduler.Default);
        return publish;
    }

    /// <summary>Starts a consumer. It takes up to <paramref name="prefetch"/> messages at once, and acks none by itself.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">1 to 65535; 0 for no limit.</param>
    /// <param name="options">More than the prefetch; wins over it.</param>
    /// <exception cref="AmqpException">What basic.consume is refused with.</exception>
    public async Task<ConsumerProbe> Consume(string queue, int prefetch = 0, ConsumerOptions? options = null)
    {
        var probe = _probes(this, queue);
        probe.Consumer = await Word(() => Client.ConsumeAsync(queue, probe.Ref, options ?? new ConsumerOptions { Prefetch = prefetch })).ConfigureAwait(false);
        return probe;
    }

    /// <summary>Takes one message off a queue; null when none waits.</summary>
    /// <exception cref="AmqpException">What basic.get is refused with.</exception>
    public Task<Delivery?> Get(string queue, bool autoAck = false) => Word(() => Client.GetAsync(queue, autoAck));

    /// <summary>A queue to look at.</summary>
    public TestQueue Queue(string name) => new(this, name);

    private async Task<T> Word<T>(Func<Task<T>> word)
    {
        await _clock.AtRestAsync().ConfigureAwait(false);
        var result = await word().ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
        return result;
    }

    private async Task Word(Func<Task> word)
    {
        await _clock.AtRestAsync().ConfigureAwait(false);
        await word().ConfigureAwait(false);
        await _clock.AtRestAsync().ConfigureAwait(false);
    }
}
