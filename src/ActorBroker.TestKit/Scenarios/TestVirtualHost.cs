using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>
/// The words of a scenario in one virtual host of a test's broker. Each begins and ends with a broker at rest, so that what follows from
/// one is done before the next.
/// </summary>
public sealed class TestVirtualHost
{
    private readonly TestBroker _broker;

    internal TestVirtualHost(TestBroker broker, string name)
    {
        _broker = broker;
        Name = name;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The client inside the process, for what the scenario words do not say; another one after each start of the broker.</summary>
    /// <exception cref="InvalidOperationException">The broker does not run.</exception>
    public IBroker Client => new PatientClient(_broker, Inner);

    /// <summary>For stock clients that talk to this virtual host.</summary>
    /// <exception cref="InvalidOperationException">The broker does not run, and has never listened.</exception>
    public Uri AmqpUri => new(_broker.AmqpUri, $"/{Uri.EscapeDataString(Name)}");

    /// <summary>Declares a queue: durable unless the options say otherwise.</summary>
    /// <exception cref="AmqpException">What queue.declare is refused with; 530 when there is no such virtual host.</exception>
    public Task<QueueInfo> DeclareQueue(string queue, QueueOptions? options = null) =>
        _broker.Word(() => Inner.DeclareQueueAsync(queue, options), $"the declaration of queue '{queue}'{Place}");

    /// <summary>Declares an exchange: durable unless the options say otherwise.</summary>
    /// <exception cref="AmqpException">What exchange.declare is refused with.</exception>
    public Task DeclareExchange(string exchange, string type = "direct", ExchangeOptions? options = null) =>
        _broker.Word(() => Inner.DeclareExchangeAsync(exchange, type, options), $"the declaration of exchange '{exchange}'{Place}");

    /// <summary>Binds a queue to an exchange.</summary>
    /// <exception cref="AmqpException">What queue.bind is refused with.</exception>
    public Task Bind(string queue, string exchange, string bindingKey = "") =>
        _broker.Word(() => Inner.BindQueueAsync(queue, exchange, bindingKey), $"the binding of queue '{queue}' to exchange '{exchange}'{Place}");

    /// <summary>Publishes text and waits for the confirm; persistent unless the properties say otherwise.</summary>
    /// <remarks>
    /// While publishers are blocked or writes are held it does not complete: keep the task, and await it when they go on. Like every word
    /// it fails after 5 s of real time in which nothing happens and the clock stands still.
    /// </remarks>
    /// <exception cref="AmqpException">What basic.publish is refused with; 320 when the broker ends before it has confirmed.</exception>
    /// <exception cref="PublishRefusedException">A queue refused it.</exception>
    /// <exception cref="TimeoutException">It waits for something that only the test can bring about; says what, and how.</exception>
    public Task<PublishResult> Publish(string exchange, string routingKey, string body, BasicProperties? properties = null, bool mandatory = false)
    {
        var what = $"'{body}' to exchange '{exchange}' with key '{routingKey}'{Place}";
        return _broker.Word(
            () => _broker.Publishes(Inner.PublishAsync(exchange, routingKey, Encoding.UTF8.GetBytes(body), properties, mandatory), what),
            $"the confirm of {what}");
    }

    /// <summary>Starts a consumer. It takes up to <paramref name="prefetch"/> messages at once, and acks none by itself.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">1 to 65535; 0 for no limit.</param>
    /// <param name="options">More than the prefetch; wins over it.</param>
    /// <exception cref="AmqpException">What basic.consume is refused with.</exception>
    public async Task<ConsumerProbe> Consume(string queue, int prefetch = 0, ConsumerOptions? options = null)
    {
        var probe = _broker.Probe(queue);
        probe.Consumer = await _broker
            .Word(
                () => Inner.ConsumeAsync(queue, probe.Ref, options ?? new ConsumerOptions { Prefetch = prefetch }),
                $"queue '{queue}'{Place} to let a consumer in").ConfigureAwait(false);
        return probe;
    }

    /// <summary>Takes one message off a queue; null when none waits.</summary>
    /// <exception cref="AmqpException">What basic.get is refused with.</exception>
    public Task<Delivery?> Get(string queue, bool autoAck = false) =>
        _broker.Word(() => Inner.GetAsync(queue, autoAck), $"a message of queue '{queue}'{Place}");

    /// <summary>A queue to look at.</summary>
    public TestQueue Queue(string name) => new(_broker, this, name);

    /// <summary>What an error says about where it was; nothing in virtual host <c>/</c>, which most tests use alone.</summary>
    internal string Place => Name == TestBroker.Root ? "" : $" in vhost '{Name}'";

    /// <summary>The client itself: a word is patient by itself.</summary>
    private IBroker Inner => _broker.ClientOf(Name);
}
