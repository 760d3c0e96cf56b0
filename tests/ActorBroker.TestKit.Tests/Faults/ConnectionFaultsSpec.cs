using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>Connections that end in the middle.</summary>
public sealed class ConnectionFaultsSpec : BrokerTestKit
{
    [Theory]
    [InlineData(3, 0)] // the body of the first publish is not handled
    [InlineData(4, 1)]
    [InlineData(6, 1)]
    [InlineData(7, 2)]
    public async Task A_connection_is_cut_at_the_frame_that_was_named(int frame, int arrived)
    {
        await Broker.DeclareQueue("work");
        await Broker.ListenAsync();
        await using var connection = await new ConnectionFactory { Uri = Broker.AmqpUri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        Broker.Connections.CutAt(frame);
        var cut = await Record.ExceptionAsync(async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await channel.BasicPublishAsync("", "work", false, new BasicProperties(), Encoding.UTF8.GetBytes($"job {i}"));
            }
        });
        Assert.IsType<AlreadyClosedException>(cut, exactMatch: false);
        Assert.Equal(1, Broker.Connections.Cut);
        await Broker.Queue("work").ShouldHaveDepth(arrived);
    }
}
