using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ActorBroker.Durability.Tests.Support;

/// <summary>
/// A channel in confirm mode. Tracks confirms itself: the library's own tracking would add a header to each message.
/// </summary>
public sealed class Publisher
{
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<bool>> _open = new();
    private readonly IChannel _channel;
    private ulong _confirmedUpTo;
    private ulong _sent;

    private Publisher(IChannel channel)
    {
        _channel = channel;
        channel.BasicAcksAsync += (_, e) => Settle(e.DeliveryTag, e.Multiple, true);
        channel.BasicNacksAsync += (_, e) => Settle(e.DeliveryTag, e.Multiple, false);
        channel.ChannelShutdownAsync += (_, e) => Fail(e);
    }

    public static async Task<Publisher> Open(IConnection connection)
    {
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: false,
            outstandingPublisherConfirmationsRateLimiter: null);
        return new Publisher(await connection.CreateChannelAsync(options));
    }

    /// <summary>Publishes without waiting; the task is the confirm: true for <c>basic.ack</c>.</summary>
    /// <exception cref="InvalidOperationException">In the task: the channel ended before the confirm.</exception>
    public async Task<Task<bool>> Send(string exchange, string key, ReadOnlyMemory<byte> body, BasicProperties properties)
    {
        var confirm = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[++_sent] = confirm;
        await _channel.BasicPublishAsync(exchange, key, mandatory: false, properties, body);
        return confirm.Task;
    }

    /// <summary>Publishes all, then waits for all confirms, which have to be <c>basic.ack</c>.</summary>
    public async Task PublishAll(
        string exchange, string key, IEnumerable<byte[]> bodies, Func<int, BasicProperties> properties)
    {
        var confirms = new List<Task<bool>>();
        foreach (var body in bodies)
        {
            confirms.Add(await Send(exchange, key, body, properties(confirms.Count)));
        }

        var answers = await Waiting.For($"{confirms.Count} confirms for '{exchange}'/'{key}'", Task.WhenAll(confirms));
        Assert.All(answers, Assert.True);
    }

    private Task Settle(ulong tag, bool multiple, bool ack)
    {
        for (var number = multiple ? _confirmedUpTo + 1 : tag; number <= tag; number++)
        {
            if (_open.TryRemove(number, out var confirm))
            {
                confirm.SetResult(ack);
            }
        }

        if (multiple)
        {
            _confirmedUpTo = tag;
        }

        return Task.CompletedTask;
    }

    private Task Fail(ShutdownEventArgs reason)
    {
        var text = $"channel closed before the confirm: {reason.ReplyCode} {reason.ReplyText}";
        foreach (var (_, confirm) in _open)
        {
            confirm.TrySetException(new InvalidOperationException(text));
        }

        return Task.CompletedTask;
    }
}
