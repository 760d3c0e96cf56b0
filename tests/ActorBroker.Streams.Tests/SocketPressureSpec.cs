using System.Buffers.Binary;
using ActorBroker.Listener;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using RabbitMQ.Client;
using Xunit.Abstractions;

namespace ActorBroker.Streams.Tests;

/// <summary>A stream that is slower than a stock client that publishes over a socket. Alone: it looks at the memory of the process.</summary>
[Collection(nameof(SocketPressureSpec))]
[CollectionDefinition(nameof(SocketPressureSpec), DisableParallelization = true)]
public sealed class SocketPressureSpec(ITestOutputHelper output)
{
    private const int Messages = 150_000;
    private const int Size = 4096; // 600 MB in all
    private const long Room = 96 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly ThisProcess Memory = new(); // as the broker sees it

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _peak;
    private int _sent;
    private int _received;

    [Fact]
    public async Task A_slow_sink_slows_a_fast_stock_publisher_and_memory_stays_bounded()
    {
        var watermark = Memory.InUse + Room;
        using var system = ActorSystem.Create("pressure", Broker.ConfigOf(ConfigurationFactory.ParseString($$"""
            akka { loglevel = ERROR, stdout-loglevel = OFF }
            actor-broker {
              memory { high-watermark = {{watermark}}, check-interval = 50ms }
              amqp.listen = ["127.0.0.1:0"]
            }
            """)));
        var broker = await Broker.StartAsync(system).WaitAsync(Patience);
        var endpoint = AmqpEndpoint.For(system);
        await endpoint.WhenListening.WaitAsync(Patience);
        await broker.Client.DeclareQueueAsync("work", new QueueOptions { Durable = false });

        var slow = BrokerSource.Committable(broker.Client, "work", prefetch: 100).SelectAsync(1, Work)
            .RunWith(Sink.Ignore<NotUsed>(), system.Materializer());
        var published = Publish(endpoint.Endpoints.Single().Port);
        await _blocked.Task.WaitAsync(Patience);
        var (sent, received) = (Volatile.Read(ref _sent), Volatile.Read(ref _received));
        Assert.InRange(sent, 1000, Messages / 2);
        Assert.InRange(received, 0, 99);

        _open.SetResult();
        await published.WaitAsync(Patience);
        while (Volatile.Read(ref _received) < Messages)
        {
            Assert.False(slow.IsCompleted, $"{slow.Exception}");
            await Task.Yield();
        }

        output.WriteLine($"blocked after {sent} messages; most memory {_peak >> 20} MiB, watermark {watermark >> 20} MiB");
        Assert.InRange(_peak, watermark, watermark + Room);
        await system.Terminate();
    }

    /// <summary>Stands still with the 100th message until the test lets it go on.</summary>
    private async Task<NotUsed> Work(Delivery delivery)
    {
        if (_received == 99)
        {
            await _open.Task;
        }

        Assert.Equal(_received, BinaryPrimitives.ReadInt32LittleEndian(delivery.Body.Span));
        delivery.Ack();
        Volatile.Write(ref _received, _received + 1);
        return NotUsed.Instance;
    }

    private async Task Publish(int port)
    {
        await using var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = port }.CreateConnectionAsync();
        connection.ConnectionBlockedAsync += (_, _) =>
        {
            _blocked.TrySetResult();
            return Task.CompletedTask;
        };
        await using var channel = await connection.CreateChannelAsync();
        var body = new byte[Size];
        for (var i = 0; i < Messages; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(body, i);
            await channel.BasicPublishAsync("", "work", body); // waits while the socket does not take it
            Volatile.Write(ref _sent, i + 1);
            if (i % 64 == 0)
            {
                _peak = Math.Max(_peak, Memory.InUse);
            }
        }

        await channel.CloseAsync();
    }
}
