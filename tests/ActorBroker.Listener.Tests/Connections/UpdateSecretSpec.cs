using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>connection.update-secret (10, 70) on a connection that is in use.</summary>
public sealed class UpdateSecretSpec : ListenerSpec
{
    [Theory]
    [InlineData("guest")]
    [InlineData("another")] // only tokens run out; who came with a password stays, as in RabbitMQ
    public async Task A_new_secret_is_taken_and_the_work_goes_on(string secret)
    {
        var client = await OpenChannel();
        await client.Wire.Call<ConnectionUpdateSecret, ConnectionUpdateSecretOk>(0, Secret(secret));

        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task It_is_out_of_turn_before_the_connection_is_open()
    {
        var client = Connect();
        await client.Wire.LogIn(new Handshake());
        await client.Wire.Send(0, Secret("guest"));

        Assert.Equal(ReplyCode.ChannelError, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    private static ConnectionUpdateSecret Secret(string text) => new(new LongString(System.Text.Encoding.UTF8.GetBytes(text)), "refresh");
}
