using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// Declares a durable queue, fills it with confirmed messages and deletes it, for ever. A deletion that was answered holds, whatever
/// comes after it; all that was confirmed is in the queue when it goes.
/// </summary>
internal sealed class CrashChurn(int port, Lives lives, History history, int seed) : CrashClient("churn", port, lives, history)
{
    private const string Queue = "crash.churn";

    private readonly Random _random = new(seed);
    private int _least; // messages that are surely in the queue
    private int _most;

    /// <summary>Deletions that were answered.</summary>
    public int Deleted { get; private set; }

    protected override async Task<IChannel> Open(IConnection connection, CancellationToken stop) =>
        await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), stop);

    protected override async Task Serve(IChannel channel, int life, CancellationToken stop)
    {
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        while (channel.IsOpen && IsIn(life) && !stop.IsCancellationRequested)
        {
            Doing = $"declares, fills and deletes in life {life}";
            Check("declared", life, (await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false)).MessageCount);
            ServedIn = life;
            for (var left = _random.Next(20); left > 0; left--)
            {
                _most++;
                await channel.BasicPublishAsync("", Queue, mandatory: true, properties, "m"u8.ToArray()); // fails when it is returned
                _least++;
            }

            var least = _least;
            _least = 0; // it may be gone from now on
            var gone = await channel.QueueDeleteAsync(Queue);
            _least = least;
            Check("deleted", life, gone);
            (_least, _most) = (0, 0);
            Deleted++;
            await Task.Delay(_random.Next(5), CancellationToken.None);
        }
    }

    private void Check(string when, int life, uint count)
    {
        if (count < _least || count > _most)
        {
            History.Surprise($"{Name}: {count} messages when {when} in life {life}, between {_least} and {_most} were published and confirmed");
        }

        _least = (int)count;
    }
}
