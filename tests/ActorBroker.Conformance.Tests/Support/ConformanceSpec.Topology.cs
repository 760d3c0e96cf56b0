using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Support;

public abstract partial class ConformanceSpec
{
    /// <summary>Arguments or headers, as name and value pairs.</summary>
    protected static Dictionary<string, object?> Table(params (string Key, object? Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value);

    /// <summary>Message properties with these headers only.</summary>
    protected static BasicProperties Headers(params (string Key, object? Value)[] entries) =>
        new() { Headers = Table(entries) };

    /// <summary>Declares a transient queue that everybody may use; returns its name.</summary>
    protected async Task<string> Queue(string stem = "q", params (string Key, object? Value)[] arguments)
    {
        var name = Name(stem);
        await Channel.QueueDeclareAsync(name, false, false, false, Table(arguments));
        return name;
    }

    /// <summary>Declares a transient exchange; returns its name.</summary>
    protected async Task<string> Exchange(
        string type, string stem = "x", params (string Key, object? Value)[] arguments)
    {
        var name = Name(stem);
        await Channel.ExchangeDeclareAsync(name, type, durable: false, autoDelete: false, Table(arguments));
        return name;
    }

    /// <summary>Declares a queue and binds it with one key per binding.</summary>
    protected async Task<string> BoundQueue(string exchange, string stem, params string[] keys)
    {
        var queue = await Queue(stem);
        foreach (var key in keys)
        {
            await Channel.QueueBindAsync(queue, exchange, key);
        }

        return queue;
    }

    /// <summary>Messages ready in the queue; those at consumers do not count.</summary>
    protected async Task<uint> Depth(string queue)
    {
        Phase.Current = $"the depth of {queue}";
        return (await Channel.QueueDeclarePassiveAsync(queue, Phase.Deadline)).MessageCount;
    }

    /// <summary>Whether the queue exists, found out without touching it: an idle queue must not notice.</summary>
    protected async Task<bool> Exists(string queue)
    {
        await using var channel = await Connection.CreateChannelAsync();
        try
        {
            await channel.QueueBindAsync(queue, "amq.direct", "existence");
            return true;
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }
}
