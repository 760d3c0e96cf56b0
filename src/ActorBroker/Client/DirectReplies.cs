using System.Collections.Concurrent;
using System.Globalization;
using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Publishing;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>Replies to requests of one client: a consumer of direct reply-to that gives each to the request it answers.</summary>
internal sealed class DirectReplies : IDeliverySink
{
    private static readonly ConsumerOptions Options = new() { AutoAck = true };

    private readonly ConcurrentDictionary<string, TaskCompletionSource<Delivery>> _open = new(StringComparer.Ordinal);
    private long _last;

    public DirectReplies(IClientHost broker, IActorRef client, string virtualHost)
    {
        Address = QueueHandle.ForReplies(virtualHost, $"{PublishChecks.ReplyPseudoQueue}.{broker.RandomName()}");
        Consumer = new ClientConsumer(client, Address, Options, "", this);
    }

    /// <summary>What requests carry as reply-to.</summary>
    public QueueHandle Address { get; }

    /// <summary>Who gets them.</summary>
    public ClientConsumer Consumer { get; }

    /// <inheritdoc/>
    public bool IsFull => false;

    /// <summary>Properties of a request, and the task of its reply.</summary>
    public (BasicProperties Properties, string Id, Task<Delivery> Reply) Begin(BasicProperties? properties)
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var source = new TaskCompletionSource<Delivery>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = source;
        return ((properties ?? BasicProperties.Empty) with { ReplyTo = Address.Name, CorrelationId = id }, id, source.Task);
    }

    /// <summary>Nobody waits for the reply to that request any more.</summary>
    public void Forget(string id) => _open.TryRemove(id, out _);

    /// <summary>The time of that request is over.</summary>
    public void TimeOut(string id, TimeSpan timeout)
    {
        if (_open.TryRemove(id, out var source))
        {
            source.TrySetException(new TimeoutException($"no reply came within {timeout}"));
        }
    }

    /// <summary>The client has ended.</summary>
    public void End()
    {
        foreach (var id in _open.Keys)
        {
            if (_open.TryRemove(id, out var source))
            {
                source.TrySetException(BrokerClient.Gone());
            }
        }
    }

    /// <inheritdoc/>
    public void WhenDrained(IActorRef consumer)
    {
    }

    /// <inheritdoc/>
    public void Deliver(Delivery delivery)
    {
        try
        {
            if (delivery.Properties.CorrelationId is { } id && _open.TryRemove(id, out var source))
            {
                source.TrySetResult(delivery);
            }
        }
        catch (AmqpException)
        {
            // properties that nobody can read name no request
        }
    }

    /// <inheritdoc/>
    public Task Ended(IConsumer consumer) => Task.CompletedTask;
}
