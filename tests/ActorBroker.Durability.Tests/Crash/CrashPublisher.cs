using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>Publishes numbered messages to all routes in bursts, with a window of open confirms.</summary>
internal sealed class CrashPublisher(int number, int port, Lives lives, History history, CrashTopology topology, int seed)
    : CrashClient($"publisher {number}", port, lives, history)
{
    private const int Window = 64;
    private const int CutOnce = 300; // bursts

    private readonly Random _random = new(seed);
    private int _identity = number;
    private int _next;
    private int _life;

    protected override async Task<IChannel> Open(IConnection connection, CancellationToken stop) =>
        await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: false,
                outstandingPublisherConfirmationsRateLimiter: null),
            stop);

    protected override async Task Serve(IChannel channel, int life, CancellationToken stop)
    {
        Become(life);
        var window = new SemaphoreSlim(Window); // not disposed: late events of the channel may still release it
        var open = new SortedDictionary<ulong, Publication>();
        channel.BasicAcksAsync += (_, e) => Confirm(open, e.DeliveryTag, e.Multiple, true, life, window);
        channel.BasicNacksAsync += (_, e) => Confirm(open, e.DeliveryTag, e.Multiple, false, life, window);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            window.Release(Window); // nobody shall wait for confirms that cannot come any more
            return Task.CompletedTask;
        };
        var tag = 0ul;
        while (channel.IsOpen && IsIn(life) && !stop.IsCancellationRequested)
        {
            for (var burst = _random.Next(1, 25); burst > 0 && channel.IsOpen && IsIn(life); burst--)
            {
                Doing = $"waits for one of {Window} confirms in life {life}, has published {_next} messages";
                await window.WaitAsync(CancellationToken.None);
                await Publish(channel, open, ++tag, life);
            }

            if (_random.Next(CutOnce) == 0)
            {
                Cut();
                return;
            }

            await Task.Delay(_random.Next(1, 20), CancellationToken.None);
        }

        for (var free = 0; free < Window && channel.IsOpen; free++)
        {
            Doing = $"waits for its last confirms in life {life}, has published {_next} messages";
            await window.WaitAsync(CancellationToken.None);
        }
    }

    /// <summary>
    /// After a connection that ended with the server alive somebody else publishes: what it had not confirmed may be on its way still, and
    /// no order is promised between two channels.
    /// </summary>
    private void Become(int life)
    {
        if (_life == life || History.EndOf(_life) == LifeEnd.Closed)
        {
            (_identity, _next) = (_identity + 1000, 0);
        }

        _life = life;
    }

    private async Task Publish(IChannel channel, SortedDictionary<ulong, Publication> open, ulong tag, int life)
    {
        var id = new MessageId(_identity, _next);
        var index = _random.Next(topology.Routes.Count);
        var persistent = _random.Next(20) > 0;
        var body = CrashBody.Write(id, _random);
        var publication = History.Publish(id, index, persistent, life);
        _next++;
        lock (open)
        {
            open.Add(tag, publication);
        }

        var properties = new BasicProperties
        {
            DeliveryMode = persistent ? DeliveryModes.Persistent : DeliveryModes.Transient,
        };
        var route = topology.Routes[index];
        await channel.BasicPublishAsync(route.Exchange, route.Key, mandatory: false, properties, body);
    }

    private Task Confirm(
        SortedDictionary<ulong, Publication> open, ulong tag, bool multiple, bool ack, int life, SemaphoreSlim window)
    {
        var settled = 0;
        lock (open)
        {
            foreach (var one in multiple ? open.Keys.TakeWhile(t => t <= tag).ToArray() : [tag])
            {
                if (!open.Remove(one, out var publication))
                {
                    History.Surprise($"{Name}: a confirm in life {life} for tag {one}, which is not open");
                    continue;
                }

                settled++;
                publication.Confirmed = ack;
                if (!ack)
                {
                    History.Surprise($"{Name}: {publication.Id} was refused (basic.nack) in life {life}");
                }
            }
        }

        ServedIn = life;
        if (settled > 0)
        {
            window.Release(settled);
        }

        return Task.CompletedTask;
    }
}
