using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ActorBroker.Tests.Shared;

/// <summary>
/// A channel in confirm mode. Tracks confirms itself: the library's own tracking would add a header to each message.
/// </summary>
public sealed class Publisher
{
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<bool>> _open = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly IPatience _patience;
    private ulong _confirmedUpTo;
    private ulong _sent;

    private Publisher(IChannel channel, IPatience patience)
    {
        Channel = channel;
        _patience = patience;
        channel.BasicAcksAsync += (_, e) => Settle(e.DeliveryTag, e.Multiple, true);
        channel.BasicNacksAsync += (_, e) => Settle(e.DeliveryTag, e.Multiple, false);
        channel.BasicReturnAsync += (_, e) =>
        {
            _log.Enqueue($"return {e.ReplyCode} {e.ReplyText}");
            Returns.Enqueue(new ReturnedMessage(e.Exchange, e.RoutingKey, Encoding.UTF8.GetString(e.Body.Span)));
            return Task.CompletedTask;
        };
        channel.ChannelShutdownAsync += (_, e) => Fail(e);
    }

    public IChannel Channel { get; }

    /// <summary>What the broker said, in its order: <c>ack</c>, <c>nack</c>, <c>return CODE TEXT</c>.</summary>
    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Messages that came back with <c>basic.return</c> (60, 50).</summary>
    public ConcurrentQueue<ReturnedMessage> Returns { get; } = [];

    public static async Task<Publisher> Open(IConnection connection, IPatience patience)
    {
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: false,
            outstandingPublisherConfirmationsRateLimiter: null);
        return new Publisher(await connection.CreateChannelAsync(options), patience);
    }

    /// <summary>Publishes and waits: true for <c>basic.ack</c>, false for <c>basic.nack</c>.</summary>
    public async Task<bool> Publish(
        string exchange, string key, string body, BasicProperties? properties = null, bool mandatory = false) =>
        await _patience.Of(
            $"the confirm of '{body}' to '{exchange}'/'{key}'", await Send(exchange, key, body, properties, mandatory));

    /// <summary>Publishes without waiting; the task is the confirm.</summary>
    public async Task<Task<bool>> Send(
        string exchange, string key, string body, BasicProperties? properties = null, bool mandatory = false) =>
        await Send(exchange, key, Encoding.UTF8.GetBytes(body), properties, mandatory);

    /// <inheritdoc cref="Send(string, string, string, BasicProperties?, bool)" />
    /// <exception cref="InvalidOperationException">In the task: the channel ended before the confirm.</exception>
    public async Task<Task<bool>> Send(
        string exchange, string key, ReadOnlyMemory<byte> body, BasicProperties? properties = null, bool mandatory = false)
    {
        var confirm = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[++_sent] = confirm;
        properties ??= new BasicProperties();
        await Channel.BasicPublishAsync(
            exchange, key, mandatory, properties, body, _patience.Deadline);
        return confirm.Task;
    }

    /// <summary>Publishes all, then waits for all confirms: true for each <c>basic.ack</c>.</summary>
    public async Task<bool[]> PublishAll(
        string exchange, string key, IEnumerable<string> bodies, BasicProperties? properties = null)
    {
        var confirms = new List<Task<bool>>();
        foreach (var body in bodies)
        {
            confirms.Add(await Send(exchange, key, body, properties));
        }

        return await _patience.Of($"{confirms.Count} confirms for '{exchange}'/'{key}'", Task.WhenAll(confirms));
    }

    /// <summary>Publishes all, then waits for all confirms, which have to be <c>basic.ack</c>.</summary>
    public async Task PublishAll(string exchange, string key, IEnumerable<byte[]> bodies, Func<int, BasicProperties> properties)
    {
        var confirms = new List<Task<bool>>();
        foreach (var body in bodies)
        {
            confirms.Add(await Send(exchange, key, body, properties(confirms.Count)));
        }

        Assert.All(await _patience.Of($"{confirms.Count} confirms for '{exchange}'/'{key}'", Task.WhenAll(confirms)), Assert.True);
    }

    private Task Settle(ulong tag, bool multiple, bool ack)
    {
        _log.Enqueue(ack ? "ack" : "nack");
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

/// <summary>A message that no queue wanted.</summary>
public sealed record ReturnedMessage(string Exchange, string RoutingKey, string Body);
