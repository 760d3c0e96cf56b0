using ActorBroker.Amqp;
using ActorBroker.Streams.Consuming;
using Akka.Streams.Dsl;

namespace ActorBroker.Streams;

/// <summary>
/// Queues as sources. What the stream does not ask for waits in the queue: at most the prefetch is with the stream, and of large messages
/// a few MiB only.
/// </summary>
/// <remarks>
/// The stream fails with a <see cref="ChannelException"/> when the queue is not there or is deleted meanwhile (404), with a
/// <see cref="ConnectionException"/> when the broker or its <see cref="IBroker"/> ends (320). When the stream fails or is cancelled, all
/// that is not acked goes back to the queue at once, marked redelivered. In a coordinated shutdown of the actor system, sources stop as by
/// <see cref="IBrokerControl.StopAsync"/>, in phase <c>service-requests-done</c> and for as long as it may take (5 s unless configured);
/// a plain <c>ActorSystem.Terminate()</c> does not wait for that.
/// </remarks>
public static class BrokerSource
{
    /// <summary>
    /// Each message is acked just before it goes downstream: nobody gets it twice, and what fails downstream is lost. What waits in the
    /// source's buffer is not acked yet, and goes back when the stream ends.
    /// </summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="bufferSize">Most messages that wait in the source, 1 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bufferSize"/> is out of range.</exception>
    public static Source<Delivery, IBrokerControl> AtMostOnce(IBroker broker, string queue, int bufferSize = 1000) =>
        AtMostOnce(broker, queue, new ConsumerOptions { Prefetch = bufferSize });

    /// <summary>The same with a consumer tag, a priority or the wish to be the only consumer.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="options">Its prefetch is the size of the buffer, 1 to 65535; <see cref="ConsumerOptions.AutoAck"/> does not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The prefetch is 0.</exception>
    public static Source<Delivery, IBrokerControl> AtMostOnce(IBroker broker, string queue, ConsumerOptions options) =>
        Source.FromGraph(new ConsumeStage(InProcess.Client(broker), InProcess.Name(queue), Bounded(options), ackFirst: true));

    /// <summary>
    /// Each message is to be settled downstream, by <see cref="Delivery.Ack"/> and its kin or a <see cref="Committer"/>; until then it
    /// counts as in flight. Acks are gathered on their way to the queue: one by one is as cheap as many at once.
    /// </summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="prefetch">Most messages in flight, 1 to 65535. A stream that groups messages before it acks them needs as many.</param>
    /// <remarks>
    /// Ack before an operator that ends the stream, such as <c>Take</c>: what is not acked when the source is cancelled goes back to the
    /// queue, and acking it then throws 406.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="prefetch"/> is out of range.</exception>
    public static Source<Delivery, IBrokerControl> Committable(IBroker broker, string queue, int prefetch = 100) =>
        Committable(broker, queue, new ConsumerOptions { Prefetch = prefetch });

    /// <summary>The same with a consumer tag, a priority or the wish to be the only consumer.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="options">With a prefetch of 1 to 65535; <see cref="ConsumerOptions.AutoAck"/> does not count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The prefetch is 0.</exception>
    public static Source<Delivery, IBrokerControl> Committable(IBroker broker, string queue, ConsumerOptions options) =>
        Source.FromGraph(new ConsumeStage(InProcess.Client(broker), InProcess.Name(queue), Bounded(options), ackFirst: false));

    private static ConsumerOptions Bounded(ConsumerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Prefetch > 0
            ? options with { AutoAck = false }
            : throw new ArgumentOutOfRangeException(nameof(options), options.Prefetch, "a stream needs a prefetch (buffer size) of 1 to 65535");
    }
}
