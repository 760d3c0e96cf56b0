using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Durability.Tests.Soak;

internal sealed partial class SoakClient
{
    /// <summary>Settings of queues; what they leave behind differs.</summary>
    private static readonly Dictionary<string, object?>[] Arguments =
    [
        [],
        new() { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = Dead },
        new() { ["x-max-priority"] = 5 },
        new() { ["x-message-ttl"] = 600_000, ["x-single-active-consumer"] = true },
    ];

    /// <summary>Where rejected messages go; it holds few.</summary>
    public const string Dead = "soak.dead";

    private enum Kind
    {
        Durable,
        Transient,
        Exclusive,
        AutoDelete,
    }

    /// <summary>One queue and one exchange, from their declaration to their end.</summary>
    private async Task Churn(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        var kind = (Kind)(_round % 4);
        var (queue, exchange) = await Declare(channel, kind);
        var published = await Publish(connection, exchange);
        var left = published;
        if (_random.Next(2) == 0)
        {
            left -= await TakeSome(channel, queue, published);
        }
        else
        {
            await ConsumeAll(channel, queue, published);
            left = 0;
        }

        switch (_random.Next(5))
        {
            case 0:
                Cut();
                break;
            case 1:
                tally.Did("connection closed with its queue there");
                break;
            case 2:
                await Err(connection);
                goto default;
            default:
                await Delete(channel, queue, exchange, kind == Kind.AutoDelete && left == 0 ? null : left);
                break;
        }
    }

    private async Task<(string Queue, string Exchange)> Declare(IChannel channel, Kind kind)
    {
        var (queue, exchange) = ($"soak.{number}.{_round}", $"soak.x.{number}.{_round}");
        var arguments = Arguments[_random.Next(Arguments.Length)];
        await channel.QueueDeclareAsync(queue, kind is Kind.Durable or Kind.AutoDelete, kind == Kind.Exclusive, kind == Kind.AutoDelete, arguments);
        tally.Did($"{kind} queue");
        if (kind != Kind.Exclusive)
        {
            _queues.Add(queue);
        }

        var type = _random.GetItems<string>([ExchangeType.Direct, ExchangeType.Topic, ExchangeType.Fanout, ExchangeType.Headers], 1)[0];
        await channel.ExchangeDeclareAsync(exchange, type, durable: _random.Next(2) == 0, autoDelete: _random.Next(2) == 0);
        tally.Did($"{type} exchange");
        _exchanges.Add(exchange);
        await channel.QueueBindAsync(queue, exchange, "soak");
        await channel.QueueBindAsync(queue, exchange, $"soak.{_round}");
        await channel.QueueBindAsync(queue, "amq.topic", $"soak.{number}.*.{_round}");
        await channel.QueueUnbindAsync(queue, exchange, $"soak.{_round}");
        return (queue, exchange);
    }

    private async Task<int> Publish(IConnection connection, string exchange)
    {
        var publisher = await Publisher.Open(connection, Patient);
        var confirms = new List<Task<bool>>();
        for (var left = _random.Next(1, 15); left > 0; left--)
        {
            var body = new byte[_random.Next(40) == 0 ? 100_000 : _random.Next(2000)];
            confirms.Add(await publisher.Send(exchange, "soak", body, Properties(persistent: _random.Next(2) == 0)));
        }

        var answers = await Waiting.For($"{confirms.Count} confirms for {exchange}", Task.WhenAll(confirms), Patience);
        if (answers.Contains(false))
        {
            tally.Surprises.Enqueue($"a message to {exchange} was refused (basic.nack)");
        }

        tally.Confirm(confirms.Count);
        return confirms.Count;
    }

    /// <summary>By basic.get; how many are gone.</summary>
    private async Task<int> TakeSome(IChannel channel, string queue, int published)
    {
        var taken = _random.Next(published + 1);
        for (var left = taken; left > 0; left--)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false) is not { } got)
            {
                tally.Surprises.Enqueue($"{queue} has given {taken - left} messages and no more; {published} were confirmed");
                return taken;
            }

            await (_random.Next(3) == 0
                ? channel.BasicRejectAsync(got.DeliveryTag, requeue: false)
                : channel.BasicAckAsync(got.DeliveryTag, multiple: false));
        }

        tally.Did("queue with gets");
        return taken;
    }

    /// <summary>By a consumer that gives the first one back, and takes all.</summary>
    private async Task ConsumeAll(IChannel channel, string queue, int published)
    {
        var inbox = await Consume(channel, queue, prefetch: (ushort)_random.Next(1, 10));
        await inbox.Requeue(await inbox.Next());
        for (var left = published; left > 0; left--)
        {
            var delivery = await inbox.Next();
            await (_random.Next(3) == 0 ? inbox.Reject(delivery) : inbox.Ack(delivery));
        }

        tally.Did("queue with a consumer");
        if (_random.Next(2) == 0)
        {
            foreach (var tag in inbox.ConsumerTags)
            {
                await channel.BasicCancelAsync(tag);
            }
        }
    }

    /// <summary>An error closes its channel.</summary>
    private async Task Err(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            await channel.QueueDeclarePassiveAsync($"soak.none.{number}.{_round}");
            tally.Surprises.Enqueue("a queue that is not there was found");
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            tally.Did("channel error");
        }
    }

    /// <summary>Deletes both, unless the queue may be gone with its consumer, and looks at what it held.</summary>
    /// <param name="left">Messages that it must hold; null when it need not be there.</param>
    private async Task Delete(IChannel channel, string queue, string exchange, int? left)
    {
        if (left is not null)
        {
            await channel.QueueUnbindAsync(queue, exchange, "soak");
        }

        var held = await channel.QueueDeleteAsync(queue);
        if (left is not null && held != left)
        {
            tally.Surprises.Enqueue($"{queue} held {held} messages when it was deleted, {left} were confirmed and not settled");
        }

        await channel.ExchangeDeleteAsync(exchange);
        tally.Did("queue and exchange deleted");
        _queues.Clear();
        _exchanges.Clear();
    }
}
