using ActorBroker.Amqp;
using ActorBroker.Streams.Publishing;
using Akka;
using Akka.Streams.Dsl;

namespace ActorBroker.Streams;

/// <summary>Exchanges in the middle of a stream: publish and learn what became of it, ask and get the reply.</summary>
public static class BrokerFlow
{
    internal const int Parallelism = 1000;

    /// <summary>
    /// Publishes each message, and passes on what became of it, in the order in which they came. A message that is refused or returned
    /// is a result here, not a failure.
    /// </summary>
    /// <typeparam name="TPassThrough">What goes along: the <see cref="Delivery"/> that is acked afterwards, for instance.</typeparam>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Empty for the default exchange, which takes names of queues as routing keys.</param>
    /// <param name="parallelism">
    /// Most messages that are published and not confirmed, 1 or more. While there are as many, or the broker holds publishers back, the
    /// flow asks for no more.
    /// </param>
    /// <remarks>
    /// Fails with <see cref="ChannelException"/> 404 no such exchange, 403 it is internal, 406 a property is not what it says;
    /// <see cref="ConnectionException"/> 320 the broker ends.
    /// </remarks>
    public static Flow<(OutgoingMessage Message, TPassThrough PassThrough), (PublishResult Result, TPassThrough PassThrough), NotUsed>
        Create<TPassThrough>(IBroker broker, string exchange, int parallelism = Parallelism) =>
        Flow.FromGraph(new PublishStage<(OutgoingMessage Message, TPassThrough PassThrough), (PublishResult Result, TPassThrough PassThrough)>(
            InProcess.Client(broker), InProcess.Name(exchange), parallelism, static pair => pair.Message, static (pair, result) => (result, pair.PassThrough)));

    /// <summary>
    /// Sends each message as a request and passes on its reply, in the order of the requests (<see cref="IBroker.RequestAsync"/>).
    /// </summary>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Empty for the default exchange.</param>
    /// <param name="routingKey">Of all requests; for the default exchange, the name of a queue.</param>
    /// <param name="parallelism">Most requests without a reply, 1 or more.</param>
    /// <param name="timeout">
    /// How long each may take, in the time of the broker's actor system; the stream fails with a <see cref="TimeoutException"/>.
    /// </param>
    /// <remarks>Fails as <see cref="IBroker.RequestAsync"/> does; 312 when no queue takes a request.</remarks>
    public static Flow<ReadOnlyMemory<byte>, Delivery, NotUsed> Rpc(
        IBroker broker, string exchange, string routingKey, int parallelism, TimeSpan timeout) =>
        Requests<ReadOnlyMemory<byte>, Delivery>(
            broker, parallelism, Ask(broker, InProcess.Name(exchange), InProcess.Name(routingKey), timeout));

    /// <summary>The same with a routing key and properties for each request, and something that goes along with it.</summary>
    /// <typeparam name="TPassThrough">What goes along: the <see cref="Delivery"/> that is acked when the reply is there, for instance.</typeparam>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Empty for the default exchange.</param>
    /// <param name="parallelism">Most requests without a reply, 1 or more.</param>
    /// <param name="timeout">
    /// How long each may take, in the time of the broker's actor system; the stream fails with a <see cref="TimeoutException"/>.
    /// </param>
    public static Flow<(OutgoingMessage Request, TPassThrough PassThrough), (Delivery Reply, TPassThrough PassThrough), NotUsed> Rpc<TPassThrough>(
        IBroker broker, string exchange, int parallelism, TimeSpan timeout)
    {
        var asked = InProcess.Name(exchange);
        return Requests<(OutgoingMessage Request, TPassThrough PassThrough), (Delivery Reply, TPassThrough PassThrough)>(
            broker,
            parallelism,
            async (pair, ended) =>
            {
                var (request, along) = pair;
                var reply = broker.RequestAsync(asked, request.RoutingKey, request.Body, request.Properties, timeout, ended);
                return (await reply.ConfigureAwait(false), along);
            });
    }

    private static Func<ReadOnlyMemory<byte>, CancellationToken, Task<Delivery>> Ask(
        IBroker broker, string exchange, string routingKey, TimeSpan timeout) =>
        (body, ended) => broker.RequestAsync(exchange, routingKey, body, null, timeout, ended);

    /// <summary>Requests whose stream has ended are waited for no longer.</summary>
    private static Flow<TIn, TOut, NotUsed> Requests<TIn, TOut>(IBroker broker, int parallelism, Func<TIn, CancellationToken, Task<TOut>> ask)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        return Flow.Setup((_, _) =>
        {
            var ended = new CancellationTokenSource();
            return Flow.Create<TIn>()
                .SelectAsync(parallelism, request => ask(request, ended.Token))
                .SelectError(static fault => fault is AggregateException { InnerExceptions: [var one] } ? one : fault) // a task that has failed at once
                .WatchTermination((materialized, done) =>
                {
                    _ = done.ContinueWith(_ => ended.Cancel(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                    return materialized;
                });
        }).MapMaterializedValue(static _ => NotUsed.Instance);
    }
}
