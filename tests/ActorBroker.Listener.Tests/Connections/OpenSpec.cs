using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>connection.open (10, 40): which virtual host, and is there room.</summary>
public sealed class OpenSpec() : ListenerSpec(
    """
    actor-broker {
      vhosts = ["/", "private"]
      amqp.max-connections = 3
    }
    """)
{
    [Theory]
    [InlineData("nowhere", "NOT_ALLOWED - vhost nowhere not found")]
    [InlineData("", "NOT_ALLOWED - vhost  not found")]
    [InlineData("private", "NOT_ALLOWED - access to vhost 'private' refused for user 'guest'")]
    public async Task A_virtual_host_that_is_not_there_or_not_allowed_is_refused_with_530(string name, string text)
    {
        foreach (var handshake in new[] { new Handshake(), new Handshake { Capabilities = [] } }) // the login was good: everybody is told
        {
            var client = Connect();
            await client.Wire.Enter(handshake with { VirtualHost = name });

            var close = await client.Wire.ExpectConnectionClose();
            Assert.Equal((ReplyCode.NotAllowed, text), (close.ReplyCode, close.ReplyText));
            Assert.Equal(ConnectionOpen.Id, ((uint)close.ClassId << 16) | close.MethodId);
            await client.Ended();
        }
    }

    [Fact]
    public async Task One_connection_too_many_is_refused_with_530_until_another_has_gone()
    {
        var first = await Open();
        await Open();
        await Open();
        var fourth = Connect();
        await fourth.Wire.Enter(new Handshake());
        Assert.Equal(ReplyCode.NotAllowed, (await fourth.Wire.ExpectConnectionClose()).ReplyCode);

        await first.Wire.Close();
        await first.Ended();
        await OthersAreServed();
        Assert.Equal(2, Broker.Connections.Count());
    }

    [Fact]
    public async Task Connections_that_are_not_in_yet_take_no_place()
    {
        for (var i = 0; i < 10; i++)
        {
            await Connect().Wire.LogIn(new Handshake());
        }

        await OthersAreServed();
    }

    [Fact]
    public async Task A_method_out_of_turn_ends_the_handshake()
    {
        foreach (var early in new[] { Frames.Method(0, new Handshake().Open), Frames.Method(1, default(ChannelOpen)), Frames.Heartbeat[..1] })
        {
            var client = Connect();
            await client.Wire.LogIn(new Handshake());
            await client.Wire.Send(early);
            client.Wire.FinishSending();

            var answer = await client.Wire.ReadToEnd();
            Assert.All(answer, f => Assert.Equal(ConnectionClose.Id, f.MethodId));
            await client.Ended();
        }
    }

    [Fact]
    public async Task A_client_may_leave_in_the_middle_of_the_handshake()
    {
        var client = Connect();
        await client.Wire.LogIn(new Handshake());

        await client.Wire.Close();
        await client.Ended();
    }
}
