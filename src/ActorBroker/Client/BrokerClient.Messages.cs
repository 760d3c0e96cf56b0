using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Queues;
using Akka.Actor;

namespace ActorBroker.Client;

/// <content>What goes in and out: publish, get, consume, request.</content>
internal partial class BrokerClient
{
    /// <inheritdoc/>
    public Task<PublishResult> PublishAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, bool mandatory = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiter = new PublishTask(exchange, routingKey);
        var taken = TakeAsync(exchange, routingKey, body.Span, properties, mandatory, waiter, cancellation);
        if (taken.IsCompletedSuccessfully && !cancellation.CanBeCanceled)
        {
            return waiter.Task;
        }

        return Confirmed(taken, waiter.Task, cancellation);
    }

    /// <summary>Takes a message, which may wait for room; its waiter hears what became of it.</summary>
    /// <exception cref="AmqpException">As of <see cref="PublishAsync"/>; maybe in the task.</exception>
    public Task TakeAsync(
        string exchange, string routingKey, ReadOnlySpan<byte> body, BasicProperties? properties, bool mandatory, PublishWaiter waiter, CancellationToken cancellation)
    {
        Names.Check(exchange);
        Names.Check(routingKey);
        if (!_broker.WhenStarted.IsCompletedSuccessfully)
        {
            return TakeLater(exchange, routingKey, body.ToArray(), properties, mandatory, waiter, cancellation);
        }

        var host = Host();
        var publisher = _publisher!;
        var message = publisher.Create(exchange, routingKey, body, properties, mandatory);
        if (publisher.IsHeldBack)
        {
            return publisher.PublishWhenRoom(host, message, waiter, cancellation);
        }

        publisher.Publish(host, message, waiter);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<Delivery?> GetAsync(string queue, bool autoAck = false, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        var host = await Ready(cancellation).ConfigureAwait(false);
        var (getter, get) = Get(Find(host, queue), autoAck);
        try
        {
            return getter.Take(await Answer(get.Reply, cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            _ = GiveBack(get.Reply, getter);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<IConsumer> ConsumeAsync(
        string queue, Func<Delivery, CancellationToken, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        ArgumentNullException.ThrowIfNull(handler);
        return ConsumeAsync(
            queue, new HandlerSink(_broker, VirtualHost, queue, handler, options ?? ConsumerOptions.Default), null, options, cancellation);
    }

    /// <inheritdoc/>
    public Task<IConsumer> ConsumeAsync(string queue, Func<Delivery, Task> handler, ConsumerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return ConsumeAsync(queue, (delivery, _) => handler(delivery), options, cancellation);
    }

    /// <inheritdoc/>
    public Task<IConsumer> ConsumeAsync(string queue, IActorRef consumer, ConsumerOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        return ConsumeAsync(queue, new ActorSink(consumer), consumer, options, cancellation);
    }

    /// <summary>Consumes with a sink of any kind.</summary>
    public async Task<IConsumer> ConsumeAsync(string queue, IDeliverySink sink, IActorRef? owner, ConsumerOptions? options, CancellationToken cancellation)
    {
        Names.Check(queue);
        options ??= ConsumerOptions.Default;
        var host = await Ready(cancellation).ConfigureAwait(false);
        var consumer = new ClientConsumer(_actor, Find(host, queue), options, options.Tag ?? $"amq.ctag-{_broker.RandomName()}", sink);
        await Subscribe(consumer, owner, cancellation).ConfigureAwait(false);
        return consumer;
    }

    /// <inheritdoc/>
    public async Task<Delivery> RequestAsync(
        string exchange, string routingKey, ReadOnlyMemory<byte> body, BasicProperties? properties = null, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        Names.Check(exchange);
        Names.Check(routingKey);
        if (timeout is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero, nameof(timeout));
        }

        var host = await Ready(cancellation).ConfigureAwait(false);
        var replies = await Replies(host).ConfigureAwait(false);
        var (asked, id, reply) = replies.Begin(properties);
        ICancelable? clock = null;
        try
        {
            if (timeout is { } most)
            {
                clock = _broker.System.Scheduler.Advanced.ScheduleOnceCancelable(most, () => replies.TimeOut(id, most));
            }

            var sent = PublishAsync(exchange, routingKey, body, asked, mandatory: true, cancellation);
            if (await Task.WhenAny(sent, reply).ConfigureAwait(false) == sent && await sent.ConfigureAwait(false) == PublishResult.Returned)
            {
                throw new ChannelException(
                    ReplyCode.NoRoute, $"no queue takes a request to exchange '{exchange}' with routing key '{routingKey}'");
            }

            return await reply.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            clock?.Cancel();
            replies.Forget(id);
        }
    }

    private static async Task GiveBack(Reply<QueueProtocol.GetResult> late, ClientHolder getter) =>
        getter.Take(await late.Task.ConfigureAwait(false))?.TrySettle(Outcome.Requeue);

    private static async Task<PublishResult> Confirmed(Task taken, Task<PublishResult> result, CancellationToken cancellation)
    {
        await taken.ConfigureAwait(false);
        return await result.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task TakeLater(
        string exchange, string routingKey, byte[] body, BasicProperties? properties, bool mandatory, PublishWaiter waiter,
        CancellationToken cancellation)
    {
        await Ready(cancellation).ConfigureAwait(false);
        await TakeAsync(exchange, routingKey, body, properties, mandatory, waiter, cancellation).ConfigureAwait(false);
    }

    private async Task Subscribe(ClientConsumer consumer, IActorRef? owner, CancellationToken cancellation)
    {
        var subscribed = new Reply<bool>();
        lock (_lock)
        {
            CheckOpen();
            _holders.Add(consumer);
            _actor.Tell(new ClientProtocol.Start(consumer, owner, subscribed), ActorRefs.NoSender);
        }

        _ = consumer.Completion.ContinueWith(_ => Forget(consumer), TaskScheduler.Default);
        try
        {
            await Answer(subscribed, cancellation).ConfigureAwait(false);
        }
        catch
        {
            consumer.Close();
            throw;
        }
    }

    /// <summary>What was cancelled may still hold messages; it is kept until it is closed.</summary>
    private void Forget(ClientConsumer consumer)
    {
        lock (_lock)
        {
            if (consumer.IsClosed)
            {
                _holders.Remove(consumer);
            }
        }
    }

    private (ClientHolder Getter, QueueProtocol.Get Get) Get(QueueHandle queue, bool autoAck)
    {
        lock (_lock)
        {
            CheckOpen();
            if (!_getters.TryGetValue((queue, autoAck), out var getter))
            {
                if (_getters.Count >= MaxGetters) // who polls ever new queues
                {
                    _holders.RemoveWhere(static h => h is not ClientConsumer && h.WhenSettled().IsCompleted); // of the last time
                    _holders.UnionWith(_getters.Values); // the client's end gives back what they still hold
                    _getters.Clear();
                }

                getter = new ClientHolder(_actor, queue, new ConsumerOptions { AutoAck = autoAck }, "", getsOnly: true);
                _getters.Add((queue, autoAck), getter);
            }

            var get = new QueueProtocol.Get(getter.Link, new Reply<QueueProtocol.GetResult>());
            queue.Actor.Tell(get, ActorRefs.NoSender);
            return (getter, get);
        }
    }

    private Task<DirectReplies> Replies(VirtualHost host)
    {
        lock (_lock)
        {
            return _replies ??= Start();
        }

        async Task<DirectReplies> Start()
        {
            var replies = new DirectReplies(_broker, _actor, VirtualHost);
            await Subscribe(replies.Consumer, null, CancellationToken.None).ConfigureAwait(false);
            replies.Address.ServedBy(replies.Consumer.Link.Actor);
            host.Replies.Add(replies.Address);
            _openReplies = replies;
            return replies;
        }
    }
}
