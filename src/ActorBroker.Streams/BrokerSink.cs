using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Queues;
using ActorBroker.Streams.Publishing;
using Akka;
using Akka.Streams.Dsl;
using ConnectionException = ActorBroker.Amqp.ConnectionException;

namespace ActorBroker.Streams;

/// <summary>
/// Exchanges as sinks. The task completes when all messages are confirmed. It fails, and the stream is cancelled, with the first that is
/// not: <see cref="PublishRefusedException"/> when a queue refuses it, <see cref="ChannelException"/> 312 when it was mandatory and no
/// queue gets it, 404 when the exchange is not there; <see cref="ConnectionException"/> 320 when the broker ends. To go on in such cases
/// use <see cref="BrokerFlow"/>.
/// </summary>
/// <remarks>
/// While the broker holds publishers back, and while as many messages as allowed are unconfirmed, a sink asks for no more.
/// </remarks>
public static class BrokerSink
{
    /// <summary>Publishes messages, each with its own routing key.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Empty for the default exchange, which takes names of queues as routing keys.</param>
    /// <param name="parallelism">Most messages that are published and not confirmed, 1 or more.</param>
    public static Sink<OutgoingMessage, Task<Done>> Create(IBroker broker, string exchange, int parallelism = BrokerFlow.Parallelism) =>
        Confirmed<OutgoingMessage>(broker, exchange, parallelism, static m => m, static (_, _) => { });

    /// <summary>Publishes persistent messages that consist of a body only.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Empty for the default exchange.</param>
    /// <param name="routingKey">Up to 255 bytes of UTF-8; for the default exchange, the name of a queue.</param>
    /// <param name="parallelism">Most messages that are published and not confirmed, 1 or more.</param>
    public static Sink<ReadOnlyMemory<byte>, Task<Done>> Simple(
        IBroker broker, string exchange, string routingKey, int parallelism = BrokerFlow.Parallelism) =>
        Confirmed<ReadOnlyMemory<byte>>(broker, exchange, parallelism, Keyed(InProcess.Name(routingKey)), static (_, _) => { });

    /// <summary>
    /// Answers requests: sends each reply to the <c>reply_to</c> of its request, with the request's <c>correlation_id</c>, and acks the
    /// request when that is confirmed, unless it is settled already. A reply that nobody waits for any more is dropped.
    /// </summary>
    /// <param name="broker">The broker.</param>
    /// <param name="failIfReplyToMissing">What a request without <c>reply_to</c> does: fail the stream, or only be acked.</param>
    /// <param name="parallelism">Most replies that are published and not confirmed, 1 or more.</param>
    public static Sink<(Delivery Request, ReadOnlyMemory<byte> Reply), Task<Done>> ReplyTo(
        IBroker broker, bool failIfReplyToMissing = true, int parallelism = BrokerFlow.Parallelism) =>
        Confirmed<(Delivery Request, ReadOnlyMemory<byte> Reply)>(
            broker,
            "",
            parallelism,
            pair => Reply(pair.Request, pair.Reply, failIfReplyToMissing),
            static (pair, _) => pair.Request.TrySettle(Outcome.Ack));

    private static Func<ReadOnlyMemory<byte>, OutgoingMessage?> Keyed(string routingKey) => body => new OutgoingMessage(routingKey, body);

    private static OutgoingMessage? Reply(Delivery request, ReadOnlyMemory<byte> body, bool failIfMissing)
    {
        var asked = request.Properties;
        if (asked.ReplyTo is { Length: > 0 } address)
        {
            return new OutgoingMessage(address, body) { Properties = new BasicProperties { CorrelationId = asked.CorrelationId } };
        }

        return failIfMissing ? throw new InvalidOperationException($"a request in queue '{request.Queue}' has no reply_to") : null;
    }

    private static Sink<T, Task<Done>> Confirmed<T>(
        IBroker broker, string exchange, int parallelism, Func<T, OutgoingMessage?> message, Action<T, PublishResult> confirmed)
    {
        var publish = new PublishStage<T, NotUsed>(InProcess.Client(broker), InProcess.Name(exchange), parallelism, message, (element, result) =>
        {
            Require(result, exchange, element, message);
            confirmed(element, result);
            return NotUsed.Instance;
        });
        return Flow.FromGraph(publish).ToMaterialized(Sink.Ignore<NotUsed>(), Keep.Right).Named("brokerSink");
    }

    private static void Require<T>(PublishResult result, string exchange, T element, Func<T, OutgoingMessage?> message)
    {
        if (result == PublishResult.Confirmed)
        {
            return;
        }

        var routingKey = message(element)?.RoutingKey ?? "";
        throw result == PublishResult.Refused
            ? new PublishRefusedException(exchange, routingKey)
            : new ChannelException(ReplyCode.NoRoute, $"no queue takes a message to exchange '{exchange}' with routing key '{routingKey}'");
    }
}
