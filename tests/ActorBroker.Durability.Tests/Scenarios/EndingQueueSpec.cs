using System.Collections.Concurrent;
using System.Diagnostics;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>
/// Three clients and one durable queue: the first publishes with mandatory and declares the queue when something is returned, the second
/// declares and gets, the third deletes whenever it is empty. What is confirmed and not returned is received, in order.
/// </summary>
/// <remarks><c>ACTORBROKER_ENDING_SECONDS</c> makes it longer than 4 s. RabbitMQ loses some in the same race: it is not asked.</remarks>
public sealed class EndingQueueSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private const int Window = 200;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(
        int.TryParse(Environment.GetEnvironmentVariable("ACTORBROKER_ENDING_SECONDS"), out var seconds) ? seconds : 4);

    private readonly ConcurrentDictionary<int, bool> _returned = new();
    private readonly List<int> _received = [];
    private volatile bool _over;
    private long _acked;
    private int _deleted;

    [Fact]
    public async Task What_is_confirmed_and_not_returned_is_received_although_the_queue_comes_and_goes()
    {
        if (DurableBroker.IsReference)
        {
            return;
        }

        var queue = await Queue("ending");
        var others = new[] { Delete(queue), Receive(queue) };
        var sent = await Publish(queue);
        _over = true;
        await Task.WhenAll(others);

        await Declare(Channel, queue);
        while (await Channel.BasicGetAsync(queue, autoAck: true) is { } left)
        {
            _received.Add(BitConverter.ToInt32(left.Body.Span));
        }

        List<int> missing = [.. Enumerable.Range(1, sent).Where(n => !_returned.ContainsKey(n)).Except(_received)];
        Assert.True(missing.Count == 0, $"{missing.Count} of {sent} are missing, the first is {missing.FirstOrDefault()}; {_received.Count} came, {_returned.Count} were returned");
        Assert.Equal(_received.Order(), _received);
        Assert.Equal(sent, _received.Count + _returned.Count); // and none came twice, or after it was returned
        Assert.True(_received.Count > 0 && _deleted > 0, $"no race: {_received.Count} came, and the queue was deleted {_deleted} times");
    }

    private async Task<int> Publish(string queue)
    {
        var connection = await Connect();
        await using var declaring = await connection.CreateChannelAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, false));
        channel.BasicAcksAsync += (_, e) =>
        {
            Interlocked.Exchange(ref _acked, (long)e.DeliveryTag);
            return Task.CompletedTask;
        };
        channel.BasicReturnAsync += (_, e) =>
        {
            _returned[BitConverter.ToInt32(e.Body.Span)] = true;
            return Task.CompletedTask;
        };

        var (sent, seen) = (0, 0);
        for (var time = Stopwatch.StartNew(); time.Elapsed < Length;)
        {
            await channel.BasicPublishAsync(
                "", queue, mandatory: true, new BasicProperties { Persistent = true }, BitConverter.GetBytes(++sent));
            if (_returned.Count > seen)
            {
                seen = _returned.Count;
                await Declare(declaring, queue);
            }

            while (sent - Interlocked.Read(ref _acked) > Window && time.Elapsed < Length)
            {
                await Task.Yield();
            }
        }

        await Waiting.Until("all confirms", () => Task.FromResult(Interlocked.Read(ref _acked) == sent));
        return sent;
    }

    private async Task Receive(string queue)
    {
        var connection = await Connect();
        while (!_over)
        {
            await using var channel = await connection.CreateChannelAsync();
            try
            {
                while (!_over)
                {
                    await Declare(channel, queue);
                    if (await channel.BasicGetAsync(queue, autoAck: true) is { } got)
                    {
                        _received.Add(BitConverter.ToInt32(got.Body.Span));
                    }
                }
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
            {
                // deleted between the two
            }
        }
    }

    private async Task Delete(string queue)
    {
        var connection = await Connect();
        while (!_over)
        {
            await using var channel = await connection.CreateChannelAsync();
            try
            {
                while (!_over)
                {
                    await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: true);
                    _deleted++;
                }
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 406)
            {
                // not empty
            }
        }
    }

    private static Task Declare(IChannel channel, string queue) =>
        channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
}
