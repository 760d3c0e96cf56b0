using System.Diagnostics;
using RabbitMQ.Client;

namespace ActorBroker.Clients.Tests.Running;

/// <summary>The test's own connection: makes the queue that the programs share, counts, and cleans up.</summary>
internal sealed class Observer : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly IConnection _connection;

    private Observer(IConnection connection, IChannel channel)
    {
        _connection = connection;
        Channel = channel;
    }

    public IChannel Channel { get; }

    public static async Task<Observer> ConnectAsync(string uri)
    {
        var factory = new ConnectionFactory { Uri = new Uri(uri), AutomaticRecoveryEnabled = false };
        var connection = await factory.CreateConnectionAsync("observer");
        return new Observer(connection, await connection.CreateChannelAsync());
    }

    /// <summary>Returns once the queue has as many consumers.</summary>
    public async Task WaitForConsumersAsync(string queue, uint count, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (await Channel.ConsumerCountAsync(queue) != count)
        {
            Assert.True(watch.Elapsed < limit, $"waited {limit} for {count} consumers of {queue}");
            await Task.Delay(PollInterval);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
