using System.Diagnostics;
using System.Net.Sockets;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using ActorBroker.Tests.Shared;
using Microsoft.Data.Sqlite;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>
/// Another program holds the database, as a backup may, and one declaration waits for it: whatever needs no store goes on, on the same
/// connection, too. Of this broker only: it is about its own file.
/// </summary>
public sealed class LockedStoreSpec : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("locked").FullName;
    private BrokerProcess _broker = null!;
    private volatile int _heard;

    public async Task InitializeAsync() => _broker = await BrokerProcess.StartAsync("--data", _folder);

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Only_the_channel_that_declares_waits_for_it()
    {
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        await using var other = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync("stored", durable: true, exclusive: false, autoDelete: false);
        await other.QueueDeclareAsync("mine", durable: false, exclusive: true, autoDelete: false);
        Task<QueueDeclareOk> late;
        using (Locked())
        {
            late = channel.QueueDeclareAsync("late", durable: true, exclusive: false, autoDelete: false);
            for (var i = 0; i < 50; i++)
            {
                await other.BasicPublishAsync("", "mine", new byte[100]).AsTask().WaitAsync(Soon); // awaits its confirm
            }

            await other.QueueDeclareAsync("transient", durable: false, exclusive: true, autoDelete: false).WaitAsync(Soon);
            Assert.Equal(50u, (await other.QueueDeclarePassiveAsync("mine").WaitAsync(Soon)).MessageCount);
            var heard = _heard;
            await Waiting.Until("four heartbeats of the server", () => Task.FromResult(_heard >= heard + 4));
            Assert.True(connection.IsOpen, $"closed: {connection.CloseReason}");
            Assert.False(late.IsCompleted);

            await other.CloseAsync().WaitAsync(Soon);
            await connection.AbortAsync().WaitAsync(Soon);
            await using var next = await Connect();
            await using var heir = await next.CreateChannelAsync();
            await Eventually(() => heir.QueueDeclareAsync("mine", durable: false, exclusive: true, autoDelete: false));
        }

        await using var later = await Connect();
        await using var reader = await later.CreateChannelAsync();
        await Eventually(() => reader.QueueDeclarePassiveAsync("late"));
    }

    [Fact]
    public async Task Sigterm_does_not_wait_for_it()
    {
        await using var connection = await Connect();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("stored", durable: true, exclusive: false, autoDelete: false);
        using (Locked())
        {
            var late = channel.QueueDeclareAsync("late", durable: true, exclusive: false, autoDelete: false);
            var watch = Stopwatch.StartNew();
            Assert.Equal(0, await _broker.EndAsync());
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 8); // as the init system of a container has it
            await Assert.ThrowsAnyAsync<Exception>(() => late);
        }
    }

    private Task<IConnection> Connect()
    {
        var factory = DurableBroker.Factory(_broker.Port);
        factory.RequestedHeartbeat = TimeSpan.FromSeconds(1);
        factory.SocketFactory = family => new Ear(new Socket(family, SocketType.Stream, ProtocolType.Tcp), () => _heard++);
        return factory.CreateConnectionAsync();
    }

    /// <summary>Holds the one lock that writers need, until it is disposed.</summary>
    private SqliteConnection Locked()
    {
        var holder = new SqliteConnection($"Data Source={Path.Combine(_folder, "actorbroker.db")};Pooling=False");
        holder.Open();
        using var begin = holder.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return holder;
    }

    private static Task Eventually(Func<Task> declare) => declare().WaitAsync(Soon);

    /// <summary>Says whenever something has come. One thread reads.</summary>
    private sealed class Ear(Socket socket, Action heard) : TcpClientAdapter(socket)
    {
        private readonly Socket _socket = socket;

        public override NetworkStream GetStream() => new Stream(_socket, heard);

        private sealed class Stream(Socket socket, Action heard) : NetworkStream(socket, ownsSocket: false)
        {
            public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                var read = await base.ReadAsync(buffer, cancellationToken);
                heard();
                return read;
            }
        }
    }
}
