using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using Akka.Actor;

namespace ActorBroker;

/// <summary>
/// A broker used from inside its process, without sockets: one virtual host, with the rules, the errors and the durability that
/// clients on the wire get. Thread-safe. It has all permissions: the process is trusted.
/// </summary>
/// <remarks>
/// Each operation waits until the broker has started, and throws what a client would be told: <see cref="ChannelException"/> or
/// <see cref="ConnectionException"/> with the <see cref="AmqpException.Code"/>. Nothing closes by it: there is no channel here.
/// </remarks>
public interface IBroker
{
    /// <summary>Name of the virtual host.</summary>
    string VirtualHost { get; }

    /// <summary>Makes an exchange, or checks that the one of that name is equal. exchange.declare (40, 10).</summary>
    /// <param name="exchange">1 to 255 bytes of UTF-8, not beginning with <c>amq.</c>.</param>
    /// <param name="type"><c>direct</c>, <c>fanout</c>, <c>topic</c> or <c>headers</c>.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    /// <param name="cancellation">Ends the waiting, not what was asked.</param>
    /// <exception cref="AmqpException">406 it exists with other properties; 403 the name is reserved; 503 no such type.</exception>
    Task DeclareExchangeAsync(string exchange, string type = "direct", ExchangeOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Deletes an exchange and its bindings; no error when there is none. exchange.delete (40, 20).</summary>
    /// <exception cref="AmqpException">406 <paramref name="ifUnused"/> and it has bindings; 403 the name is reserved.</exception>
    Task DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellation = default);

    /// <summary>Makes a queue, or checks that the one of that name is equal. queue.declare (50, 10).</summary>
    /// <param name="queue">Up to 255 bytes of UTF-8, not beginning with <c>amq.</c>; empty asks for a name.</param>
    /// <param name="options">Durable and nothing else when null.</param>
    /// <param name="cancellation">Ends the waiting, not what was asked.</param>
    /// <returns>Its name and what it holds.</returns>
    /// <exception cref="AmqpException">406 it exists with other properties, or one is out of range; 405 it is exclusive to a connection.</exception>
    Task<QueueInfo> DeclareQueueAsync(string queue = "", QueueOptions? options = null, CancellationToken cancellation = default);

    /// <summary>What a queue holds now. queue.declare (50, 10), passive.</summary>
    /// <exception cref="AmqpException">404 there is none.</exception>
    Task<QueueInfo> InspectQueueAsync(string queue, CancellationToken cancellation = default);

    /// <summary>Deletes a queue and what it holds; no error when there is none. queue.delete (50, 40).</summary>
    /// <returns>How many messages went with it.</returns>
    /// <exception cref="AmqpException">406 it has consumers or messages, and the condition forbids that.</exception>
    Task<int> DeleteQueueAsync(string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellation = default);

    /// <summary>Drops what waits in a queue; unacked messages stay. queue.purge (50, 30).</summary>
    /// <returns>How many messages went.</returns>
    /// <exception cref="AmqpException">404 there is no such queue.</exception>
    Task<int> PurgeQueueAsync(string queue, CancellationToken cancellation = default);

    /// <summary>Messages that an exchange takes go to a queue, if the key fits. queue.bind (50, 20).</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="bindingKey">Compared with routing keys as the exchange's type says; up to 255 bytes.</param>
    /// <param name="arguments">What a headers exchange compares; null for none.</param>
    /// <param name="cancellation">Ends the waiting, not what was asked.</param>
    /// <exception cref="AmqpException">404 one of them is missing; 403 for the default exchange.</exception>
    Task BindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default);

    /// <summary>Takes a binding away; no error when there is none. queue.unbind (50, 50).</summary>
    /// <exception cref="AmqpException">403 for the default exchange.</exception>
    Task UnbindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default);

    /// <summary>Messages that <paramref name="source"/> takes go on to another exchange, if the key fits. exchange.bind (40, 30).</summary>
    /// <exception cref="AmqpException">404 one of them is missing; 403 for the default exchange.</exception>
    Task BindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default);

    /// <summary>Takes such a binding away; no error when there is none. exchange.unbind (40, 40).</summary>
    /// <exception cref="AmqpException">403 for the default exchange.</exception>
    Task UnbindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default);

    /// <summary>
    /// Publishes a message and completes when it is confirmed: every queue has taken it, and where queue and message are durable it is
    /// committed and synced. basic.publish (60, 40) with publisher confirms.
    /// </summary>
    /// <param name="exchange">Empty for the default exchange, which takes names of queues as routing keys.</param>
    /// <param name="routingKey">Up to 255 bytes of UTF-8.</param>
    /// <param name="body">Copied before this returns.</param>
    /// <param name="properties">Persistent and nothing else when null; a <c>DeliveryMode</c> that is not set means transient, as on the wire.</param>
    /// <param name="mandatory">True to learn when no queue gets it.</param>
    /// <param name="cancellation">Ends the waiting. The message may be published all the same, unless it still waited for room.</param>
    /// <remarks>While an alarm holds publishers back, or too much is on its way, it waits before the message is taken.</remarks>
    /// <exception cref="AmqpException">404 no such exchange; 403 it is internal; 406 a property is not what it says.</exception>
    /// <exception cref="PublishRefusedException">A queue refused it, as it is full, or cannot write (basic.nack).</exception>
    Task<PublishResult> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, bool mandatory = false, CancellationToken cancellation = default);

    /// <summary>Takes one message off a queue. basic.get (60, 70).</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="autoAck">True: it counts as acked at once. False: <see cref="Delivery.Ack"/> it, or give it back.</param>
    /// <param name="cancellation">Ends the waiting; a message that is taken meanwhile goes back.</param>
    /// <returns>Null when nothing waits.</returns>
    /// <exception cref="AmqpException">404 no such queue; 405 it is exclusive to a connection.</exception>
    Task<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellation = default);

    /// <summary>
    /// Calls <paramref name="handler"/> for each message, one after the other. When it returns, the message is acked, unless the handler
    /// has settled it itself; when it throws, the message goes back to the queue after a pause that grows
    /// (<see cref="ConsumerOptions.RetryDelay"/>), until it is dead-lettered (<see cref="ConsumerOptions.MaxTries"/>). basic.consume (60, 20).
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="handler">Runs on the thread pool. Its token is cancelled when the consumer is cancelled or closed, or the broker stops.</param>
    /// <param name="options">Prefetch and the like; the defaults when null.</param>
    /// <param name="cancellation">Ends the waiting for the queue's answer.</param>
    /// <returns>The consumer, when the queue has let it in.</returns>
    /// <exception cref="AmqpException">404 no such queue; 403 another consumer is exclusive; 405 it is exclusive to a connection.</exception>
    Task<IConsumer> ConsumeAsync(
        string queue, Func<Delivery, CancellationToken, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default);

    /// <summary>The same with a handler that is quick, and needs no token.</summary>
    /// <inheritdoc cref="ConsumeAsync(string, Func{Delivery, CancellationToken, Task}, ConsumerOptions?, CancellationToken)"/>
    Task<IConsumer> ConsumeAsync(string queue, Func<Delivery, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// Sends each message to an actor as a <see cref="Delivery"/>, which the actor settles by <see cref="Delivery.Ack"/> and its kin.
    /// When the actor ends, its consumer ends and what it held goes back to the queue, marked redelivered. basic.consume (60, 20).
    /// </summary>
    /// <remarks>At most <see cref="ConsumerOptions.Prefetch"/> messages are with the actor. With automatic acks nothing bounds its mailbox.</remarks>
    /// <returns>The consumer, when the queue has let it in.</returns>
    /// <exception cref="AmqpException">404 no such queue; 403 another consumer is exclusive; 405 it is exclusive to a connection.</exception>
    Task<IConsumer> ConsumeAsync(string queue, IActorRef consumer, ConsumerOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// Publishes a request and waits for its reply, by direct reply-to: <c>reply_to</c> and <c>correlation_id</c> are set by the broker,
    /// and the reply needs no queue.
    /// </summary>
    /// <param name="exchange">As in <see cref="PublishAsync"/>.</param>
    /// <param name="routingKey">As in <see cref="PublishAsync"/>.</param>
    /// <param name="body">Copied before this returns.</param>
    /// <param name="properties">Others than those two; transient when null.</param>
    /// <param name="timeout">In the time of the actor system; null waits until <paramref name="cancellation"/>.</param>
    /// <param name="cancellation">Ends the waiting; a reply that comes later is dropped.</param>
    /// <exception cref="AmqpException">As in <see cref="PublishAsync"/>; 312 no queue takes the request.</exception>
    /// <exception cref="TimeoutException">No reply came in time.</exception>
    Task<Delivery> RequestAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, TimeSpan? timeout = null, CancellationToken cancellation = default);
}
