using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Durability.Tests.Support;

public abstract partial class DurabilitySpec
{
    /// <summary>Arguments or headers, as name and value pairs.</summary>
    protected static Dictionary<string, object?> Table(params (string Key, object? Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value);

    protected static BasicProperties Persistent(params (string Key, object? Value)[] headers) => new()
    {
        DeliveryMode = DeliveryModes.Persistent,
        Headers = headers.Length == 0 ? null : Table(headers),
    };

    protected static BasicProperties Transient() => new() { DeliveryMode = DeliveryModes.Transient };

    /// <summary>Bodies <c>0</c> up to <paramref name="count"/>, exclusive.</summary>
    protected static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(n => $"{n}")];

    /// <summary>Declares a durable queue that everybody may use; returns its name.</summary>
    protected async Task<string> Queue(string stem = "q", params (string Key, object? Value)[] arguments)
    {
        var name = Name(stem);
        await Declare(name, arguments);
        return name;
    }

    protected async Task<QueueDeclareOk> Declare(string name, params (string Key, object? Value)[] arguments) =>
        await Channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, Table(arguments));

    /// <summary>Declares a durable exchange; returns its name.</summary>
    protected async Task<string> Exchange(
        string type, string stem = "x", params (string Key, object? Value)[] arguments)
    {
        var name = Name(stem);
        await Channel.ExchangeDeclareAsync(name, type, durable: true, autoDelete: false, Table(arguments));
        return name;
    }

    /// <summary>Publishes with a confirm: afterwards the message is as safe as it asked to be.</summary>
    protected async Task Publish(string exchange, string key, byte[] body, BasicProperties? properties = null) =>
        await (await Publisher()).PublishAll(exchange, key, [body], _ => properties ?? Persistent());

    /// <inheritdoc cref="Publish(string, string, byte[], BasicProperties?)" />
    protected async Task Publish(string exchange, string key, string body, BasicProperties? properties = null) =>
        await Publish(exchange, key, Encoding.UTF8.GetBytes(body), properties);

    /// <summary>Publishes persistent messages to one queue and waits for their confirms.</summary>
    protected async Task Send(string queue, params string[] bodies) =>
        await (await Publisher()).PublishAll("", queue, bodies.Select(Encoding.UTF8.GetBytes), _ => Persistent());

    /// <summary>Starts a consumer on a channel of its own, so that it has its own prefetch limit.</summary>
    protected async Task<Inbox> Consume(string queue, ushort prefetch = 0)
    {
        var channel = await Connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, prefetch, global: false);
        var inbox = new Inbox(channel, queue, Waiting.Patience);
        await channel.BasicConsumeAsync(queue, autoAck: false, inbox);
        return inbox;
    }

    /// <summary><c>basic.get</c> (60, 70); null when the queue is empty.</summary>
    protected async Task<Delivery?> Get(string queue, bool autoAck = true)
    {
        var got = await Waiting.For($"the answer to a get from {queue}", Channel.BasicGetAsync(queue, autoAck));
        return got is null ? null : Delivery.Of(got);
    }

    /// <summary>Takes all messages out of the queue; those at consumers stay there.</summary>
    protected async Task<List<Delivery>> Drain(string queue)
    {
        var all = new List<Delivery>();
        while (await Get(queue) is { } delivery)
        {
            all.Add(delivery);
        }

        return all;
    }

    /// <summary>Bodies of all messages in the queue, which is empty then.</summary>
    protected async Task<string[]> Bodies(string queue) => [.. (await Drain(queue)).Select(d => d.Body)];

    /// <summary>Messages ready in the queue; those at consumers do not count.</summary>
    protected async Task<uint> Depth(string queue) => (await Channel.QueueDeclarePassiveAsync(queue)).MessageCount;

    /// <summary>The code and text with which the act's channel is closed.</summary>
    protected async Task<string> Refusal(Func<IChannel, Task> act)
    {
        await using var channel = await Connection.CreateChannelAsync();
        var refused = await Assert.ThrowsAsync<OperationInterruptedException>(() => act(channel));
        return $"{refused.ShutdownReason?.ReplyCode} {refused.ShutdownReason?.ReplyText}";
    }

    /// <summary>Whether a queue of this name exists, found out passively.</summary>
    protected async Task<bool> Exists(string queue)
    {
        await using var channel = await Connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync(queue);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }
}
