using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Support;

public abstract partial class ConformanceSpec
{
    /// <summary>Publishes with a confirm: afterwards the message is in every queue that it is routed to.</summary>
    protected async Task Publish(string exchange, string key, string body, BasicProperties? properties = null) =>
        Assert.True(
            await (await Publisher()).Publish(exchange, key, body, properties),
            $"the broker refused '{body}' to '{exchange}'/'{key}'");

    /// <summary>Publishes to one queue, by way of the default exchange.</summary>
    protected async Task Send(string queue, params string[] bodies)
    {
        var confirms = await (await Publisher()).PublishAll("", queue, bodies);
        Assert.All(confirms, Assert.True);
    }

    /// <summary>Bodies <c>0</c> up to <paramref name="count"/>, exclusive.</summary>
    protected static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(n => $"{n}")];

    /// <summary>Starts a consumer on a channel of its own, so that it has its own prefetch limit.</summary>
    protected async Task<Inbox> Consume(
        string queue,
        ushort prefetch = 0,
        bool autoAck = false,
        bool exclusive = false,
        string tag = "",
        IConnection? connection = null,
        IChannel? channel = null,
        IDictionary<string, object?>? arguments = null)
    {
        channel ??= await Open(connection);
        if (prefetch > 0)
        {
            await channel.BasicQosAsync(0, prefetch, global: false, Phase.Deadline);
        }

        var inbox = new Inbox(channel, queue, Phase);
        Phase.Current = $"consume-ok of {queue}";
        inbox.Tag = await channel.BasicConsumeAsync(
            queue, autoAck, tag, noLocal: false, exclusive, arguments, inbox, Phase.Deadline);
        return inbox;
    }

    /// <summary><c>basic.get</c> (60, 70); null when the queue is empty.</summary>
    protected async Task<Delivery?> Get(string queue, bool autoAck = true, IChannel? channel = null)
    {
        Phase.Current = $"get from {queue}";
        var got = await (channel ?? Channel).BasicGetAsync(queue, autoAck, Phase.Deadline);
        return got is null ? null : Delivery.Of(got);
    }

    /// <summary>Takes all messages out of the queue; those at consumers stay there.</summary>
    protected async Task<List<Delivery>> DrainDeliveries(string queue)
    {
        var all = new List<Delivery>();
        while (await Get(queue) is { } delivery)
        {
            all.Add(delivery);
        }

        return all;
    }

    /// <summary>Bodies of all messages in the queue, which is empty then.</summary>
    protected async Task<string[]> Drain(string queue) => [.. (await DrainDeliveries(queue)).Select(d => d.Body)];
}
