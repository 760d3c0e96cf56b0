using ActorBroker.Amqp;
using ActorBroker.Client;

namespace ActorBroker.Hosting;

/// <summary>Exchanges, queues and bindings of virtual host <c>/</c> that an application needs, in the order in which they are declared.</summary>
public sealed class BrokerTopology
{
    private readonly List<Func<IBroker, Task>> _steps = [];

    /// <summary>An exchange.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8, not beginning with <c>amq.</c>.</param>
    /// <param name="type"><c>direct</c>, <c>fanout</c>, <c>topic</c> or <c>headers</c>.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    public BrokerTopology Exchange(string name, string type = "topic", ExchangeOptions? options = null) =>
        Add(broker => broker.DeclareExchangeAsync(name, type, options));

    /// <summary>A queue.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8, not beginning with <c>amq.</c>.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    public BrokerTopology Queue(string name, QueueOptions? options = null) => Add(broker => broker.DeclareQueueAsync(name, options));

    /// <summary>Messages that an exchange takes go to a queue, if the key fits.</summary>
    public BrokerTopology Bind(string exchange, string queue, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null) =>
        Add(broker => broker.BindQueueAsync(queue, exchange, bindingKey, arguments));

    /// <summary>Messages that <paramref name="source"/> takes go on to another exchange, if the key fits.</summary>
    public BrokerTopology BindExchange(string source, string destination, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null) =>
        Add(broker => broker.BindExchangeAsync(destination, source, bindingKey, arguments));

    /// <summary>Declares all of it; what is there already and equal stays as it is.</summary>
    /// <exception cref="AmqpException">406: something is there with other properties; says which one and both values.</exception>
    public async Task DeclareAsync(IBroker broker)
    {
        foreach (var step in _steps)
        {
            await step(broker).ConfigureAwait(false);
        }
    }

    private BrokerTopology Add(Func<IBroker, Task> step)
    {
        _steps.Add(step);
        return this;
    }
}
