using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>connection.update-secret (10, 70) on a connection that is in use.</summary>
public sealed class UpdateSecretSpec : ListenerSpec
{
    [Fact]
    public async Task A_good_secret_is_taken_and_the_work_goes_on()
    {
        var client = await OpenChannel();
        await client.Wire.Call<ConnectionUpdateSecret, ConnectionUpdateSecretOk>(0, Secret("guest"));

        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_bad_secret_closes_the_connection_with_530()
    {
        var client = await OpenChannel();
        await client.Wire.Send(0, Secret("stale"));

        var close = await client.Wire.ExpectConnectionClose();
        Assert.Equal(
            (ReplyCode.NotAllowed, "NOT_ALLOWED - New secret was refused by one of the backends"), (close.ReplyCode, close.ReplyText));
        await client.Ended();
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
