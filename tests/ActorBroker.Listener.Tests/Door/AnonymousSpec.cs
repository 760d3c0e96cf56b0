using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>ANONYMOUS: clients without a name become a user that the settings name.</summary>
public sealed class AnonymousSpec() : ListenerSpec(
    """
    actor-broker.amqp.anonymous-user = visitor
    actor-broker.users.visitor { password-hash = "", permissions { "/" { configure = "^amq.gen", write = ".*", read = ".*" } } }
    """)
{
    [Fact]
    public async Task It_is_offered_and_lets_in_as_that_user()
    {
        var client = Connect();
        await client.Wire.Send(Frames.ProtocolHeader);
        Assert.Equal("PLAIN AMQPLAIN ANONYMOUS", (await client.Wire.Expect<ConnectionStart>(0)).Mechanisms);

        var other = await Open(new Handshake { Mechanism = "ANONYMOUS", Response = "whatever"u8.ToArray() });
        Assert.Equal("visitor", Assert.Single(Broker.Connections).UserName);
        await other.Wire.Close();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    public async Task A_user_without_a_password_cannot_log_in_by_one(string password)
    {
        var client = Connect();
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await client.Wire.Send(0, new Handshake().As("visitor", password).StartOk);

        Assert.Equal(ReplyCode.AccessRefused, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }
}
