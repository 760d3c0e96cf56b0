using ActorBroker.Amqp.Content;
using ActorBroker.Client;
using Akka.Actor;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>A client that does not wait for ever: when nothing goes on and the clock stands still, it says what the test has to do.</summary>
internal sealed class PatientClient(TestBroker broker, IBroker inner) : IBroker, IClientWrapper
{
    public string VirtualHost => inner.VirtualHost;

    public BrokerClient Inner => (BrokerClient)inner;

    public Task DeclareExchangeAsync(string exchange, string type = "direct", ExchangeOptions? options = null, CancellationToken cancellation = default) =>
        Patient(inner.DeclareExchangeAsync(exchange, type, options, cancellation), $"the declaration of exchange '{exchange}'");

    public Task DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellation = default) =>
        Patient(inner.DeleteExchangeAsync(exchange, ifUnused, cancellation), $"the deletion of exchange '{exchange}'");

    public Task<QueueInfo> DeclareQueueAsync(string queue = "", QueueOptions? options = null, CancellationToken cancellation = default) =>
        Patient(inner.DeclareQueueAsync(queue, options, cancellation), $"the declaration of queue '{queue}'");

    public Task<QueueInfo> InspectQueueAsync(string queue, CancellationToken cancellation = default) =>
        Patient(inner.InspectQueueAsync(queue, cancellation), $"a look at queue '{queue}'");

    public Task<int> DeleteQueueAsync(string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellation = default) =>
        Patient(inner.DeleteQueueAsync(queue, ifUnused, ifEmpty, cancellation), $"the deletion of queue '{queue}'");

    public Task<int> PurgeQueueAsync(string queue, CancellationToken cancellation = default) =>
        Patient(inner.PurgeQueueAsync(queue, cancellation), $"the purge of queue '{queue}'");

    public Task BindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default) =>
        Patient(inner.BindQueueAsync(queue, exchange, bindingKey, arguments, cancellation), $"the binding of queue '{queue}' to exchange '{exchange}'");

    public Task UnbindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default) =>
        Patient(inner.UnbindQueueAsync(queue, exchange, bindingKey, arguments, cancellation), $"the end of a binding of queue '{queue}'");

    public Task BindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default) =>
        Patient(inner.BindExchangeAsync(destination, source, bindingKey, arguments, cancellation), $"the binding of exchange '{destination}'");

    public Task UnbindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default) =>
        Patient(inner.UnbindExchangeAsync(destination, source, bindingKey, arguments, cancellation), $"the end of a binding of exchange '{destination}'");

    public Task<PublishResult> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, bool mandatory = false, CancellationToken cancellation = default) =>
        Patient(
            inner.PublishAsync(exchange, routingKey, body, properties, mandatory, cancellation),
            $"the confirm of {body.Length} bytes to exchange '{exchange}' with key '{routingKey}'");

    public Task<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellation = default) =>
        Patient(inner.GetAsync(queue, autoAck, cancellation), $"a message of queue '{queue}'");

    public Task<IConsumer> ConsumeAsync(
        string queue, Func<Delivery, CancellationToken, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default) =>
        Patient(inner.ConsumeAsync(queue, handler, options, cancellation), $"queue '{queue}' to let a consumer in");

    public Task<IConsumer> ConsumeAsync(string queue, Func<Delivery, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default) =>
        Patient(inner.ConsumeAsync(queue, handler, options, cancellation), $"queue '{queue}' to let a consumer in");

    public Task<IConsumer> ConsumeAsync(string queue, IActorRef consumer, ConsumerOptions? options = null, CancellationToken cancellation = default) =>
        Patient(inner.ConsumeAsync(queue, consumer, options, cancellation), $"queue '{queue}' to let a consumer in");

    public Task<Delivery> RequestAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, TimeSpan? timeout = null, CancellationToken cancellation = default) =>
        Patient(
            inner.RequestAsync(exchange, routingKey, body, properties, timeout, cancellation),
            $"the reply to a request to exchange '{exchange}' with key '{routingKey}'");

    private Task<T> Patient<T>(Task<T> task, string what) => Follow(task, Wait(task, what));

    private Task Patient(Task task, string what) => task.IsCompletedSuccessfully ? task : Follow(task, broker.Patient(task, what));

    private async Task<T> Wait<T>(Task<T> task, string what)
    {
        await broker.Patient(task, what).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    private T Follow<T>(Task answer, T seen)
        where T : Task
    {
        broker.Clock.Activity.Follow(answer, seen);
        return seen;
    }
}
