using System.Threading.Channels;
using ActorBroker.Addresses;
using ActorBroker.Consumers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A consumer, or a getter, of a queue in real time.</summary>
internal sealed class StoredConsumer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
    private readonly Queue<string> _delivered = new();

    public StoredConsumer(ActorSystem system, QueueHandle queue, int prefetch, bool noAck, bool getsOnly = false)
    {
        Link = new ConsumerLink(queue, new FakeEndpoint(), "tag", noAck, exclusive: false, prefetch, priority: 0, getsOnly, gate: null)
        {
            Actor = system.ActorOf(Props.Create(typeof(Ears), _heard.Writer)),
        };
        if (!getsOnly)
        {
            queue.Actor.Tell(new QueueProtocol.Subscribe(Link), ActorRefs.NoSender);
        }
    }

    public ConsumerLink Link { get; }

    /// <summary>Waits until the queue has let it in.</summary>
    public async Task Subscribed() => Assert.IsType<QueueProtocol.Subscribed>(await Next("to be subscribed"));

    /// <summary>The next delivery: the message's number, with <c>again</c> when it is marked as redelivered.</summary>
    public async Task<string> Delivery()
    {
        while (_delivered.Count == 0)
        {
            Take(await Next("a delivery"));
        }

        return _delivered.Dequeue();
    }

    /// <summary>The next deliveries.</summary>
    public async Task<string[]> Deliveries(int count)
    {
        var all = new List<string>();
        while (all.Count < count)
        {
            all.Add(await Delivery());
        }

        return [.. all];
    }

    /// <summary>The first deliveries of a new consumer.</summary>
    public async Task<string[]> DeliveriesOnceSubscribed(int count)
    {
        await Subscribed();
        return await Deliveries(count);
    }

    /// <summary>All that was delivered so far.</summary>
    public string[] DeliveredSoFar()
    {
        while (_heard.Reader.TryRead(out var heard))
        {
            Take(heard);
        }

        string[] all = [.. _delivered];
        _delivered.Clear();
        return all;
    }

    public void Settle(Outcome outcome, long from, long to, ConfirmBatch? confirm = null)
    {
        var settle = new QueueProtocol.Settle(Link.Queue);
        for (var number = from; number <= to; number++)
        {
            settle.Add(Link, number, outcome);
        }

        if (confirm is not null)
        {
            settle.Await(confirm);
        }

        Link.Queue.Actor.Tell(settle, ActorRefs.NoSender);
    }

    /// <summary>basic.get.</summary>
    public Task<QueueProtocol.GetResult> Get()
    {
        var reply = new Reply<QueueProtocol.GetResult>();
        Link.Queue.Actor.Tell(new QueueProtocol.Get(Link, reply), ActorRefs.NoSender);
        return reply.Task.WaitAsync(Patience);
    }

    /// <summary>Its channel closes.</summary>
    public void Gone() => Link.Queue.Actor.Tell(new QueueProtocol.ChannelGone([Link]), ActorRefs.NoSender);

    private void Take(object heard)
    {
        var batch = Assert.IsType<ConsumerProtocol.DeliveryBatch>(heard);
        foreach (ref readonly var message in batch.Messages)
        {
            _delivered.Enqueue($"{Publisher.NumberOf(message)}{(message.Redelivered ? " again" : "")}");
        }

        batch.Free();
    }

    private async Task<object> Next(string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            return await _heard.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"waited {Patience.TotalSeconds} s for {what}");
        }
    }

    private sealed class Ears(ChannelWriter<object> heard) : UntypedActor
    {
        protected override void OnReceive(object message) => heard.TryWrite(message);
    }
}
