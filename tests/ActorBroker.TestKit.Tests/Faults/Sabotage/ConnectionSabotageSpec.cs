using System.Diagnostics;
using ActorBroker.Addresses;
using ActorBroker.Amqp.Framing;
using ActorBroker.Listener;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace ActorBroker.TestKit.Tests.Faults.Sabotage;

/// <summary>Connections of AMQP clients are cut.</summary>
public sealed class ConnectionSabotageSpec : SabotageSpec
{
    private const int SmallestFrame = 4096;
    private const int InFirstFrame = SmallestFrame - FrameReader.HeaderSize - 1;
    private const int Body = 5000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_takes_a_half_published_message_is_caught_by_a_cut_at_its_last_frame(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        var gate = isWrong ? new Completing(Broker.Connections) : (IFrameGate)Broker.Connections;
        var settings = ListenerSettings.From(Broker.Running.System.Settings.Config) with { WatchesHeartbeats = false, Gate = gate };
        await using var listener = await AmqpListener.StartAsync(Broker.Running, settings);
        await Judge(isWrong, "half a message is there", async () =>
        {
            await using var connection = await Connect(new Uri($"amqp://guest:guest@{listener.Endpoints[0]}"));
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            Broker.Connections.CutAt(4); // basic.publish, header, and two frames of body
            Assert.NotNull(await Record.ExceptionAsync(() => channel.BasicPublishAsync("", "work", new byte[Body]).AsTask()));
            await TheConnectionIsGone();
            Assert.True(await Broker.Queue("work").DepthAsync() == 0, "half a message is there");
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_does_not_give_back_what_a_connection_held_is_caught_when_it_is_cut(bool isWrong)
    {
        await Broker.DeclareQueue("work");
        await Broker.ListenAsync();
        Distortion.Of(Broker, "work", m => isWrong && m is QueueProtocol.ChannelGone ? null : m);
        await Judge(isWrong, "nobody gets it", async () =>
        {
            await using var connection = await Connect(Broker.AmqpUri);
            await using var channel = await connection.CreateChannelAsync();
            var held = new TaskCompletionSource();
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, _) => Task.FromResult(held.TrySetResult());
            await channel.BasicConsumeAsync("work", autoAck: false, consumer);
            await Broker.Publish("", "work", "job");
            await held.Task.WaitAsync(TimeSpan.FromSeconds(10));
            Broker.Connections.CutAll();
            await TheConnectionIsGone();
            Assert.True(await Broker.Queue("work").DepthAsync() == 1, "nobody gets it");
        });
    }

    private static Task<IConnection> Connect(Uri uri) =>
        new ConnectionFactory { Uri = uri, AutomaticRecoveryEnabled = false, RequestedFrameMax = SmallestFrame }.CreateConnectionAsync();

    private async Task TheConnectionIsGone()
    {
        var since = Stopwatch.StartNew();
        while (Broker.Running.Connections.Any())
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(10), "waited for the broker to be done with the connection");
            await Task.Delay(1);
        }

        Assert.Equal(1, Broker.Connections.Cut);
    }

    /// <summary>Where a message is cut off, zeros are taken for the rest of it.</summary>
    private sealed class Completing(IFrameGate cut) : IFrameGate
    {
        public bool Pass(AmqpConnection connection, byte type, ushort channel)
        {
            var passes = cut.Pass(connection, type, channel);
            if (!passes && type == FrameType.Body)
            {
                connection.Channel(channel)!.Publisher.Body(new byte[Body - InFirstFrame]);
            }

            return passes;
        }
    }
}
