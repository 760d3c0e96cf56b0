using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>Who may log in, from where, and what the others are told.</summary>
public sealed class LoginSpec() : ListenerSpec(
    $$"""
    actor-broker.users {
      local { password = "here", loopback-only = on, permissions { "/" { configure = ".*", write = ".*", read = ".*" } } }
      remote { password = "anywhere", permissions { "/" { configure = ".*", write = ".*", read = ".*" } } }
      exported { password-hash = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR", permissions { "/" { read = ".*" } } }
      strong { password-hash = "{{Sha512("secret")}}", hashing-algorithm = sha512, permissions { "/" { read = ".*" } } }
      umläut { password = "pässwörd", permissions { "/" { read = ".*" } } }
      gone { enabled = off, password = "gone", permissions { "/" { read = ".*" } } }
    }
    """)
{
    private static readonly IPEndPoint Abroad = new(IPAddress.Parse("192.0.2.7"), 40001);

    [Theory]
    [InlineData("guest", "guest")]
    [InlineData("exported", "test12")] // the example of RabbitMQ's documentation
    [InlineData("strong", "secret")]
    [InlineData("umläut", "pässwörd")]
    public async Task The_right_password_lets_in_by_either_mechanism(string user, string password)
    {
        var plain = await Open(new Handshake().As(user, password));
        var amqplain = await Open(new Handshake { Mechanism = "AMQPLAIN", Response = Handshake.AmqPlain(user, password) });

        await plain.Wire.Close();
        await amqplain.Wire.Close();
    }

    [Theory]
    [InlineData("PLAIN", "guest", "wrong")]
    [InlineData("PLAIN", "guest", "")]
    [InlineData("PLAIN", "guest", "guest\0")]
    [InlineData("PLAIN", "Guest", "guest")]
    [InlineData("PLAIN", "nobody", "guest")]
    [InlineData("PLAIN", "", "")]
    [InlineData("PLAIN", "gone", "gone")]
    [InlineData("PLAIN", "exported", "test13")]
    [InlineData("PLAIN", "exported", "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR")]
    [InlineData("AMQPLAIN", "guest", "wrong")]
    [InlineData("AMQPLAIN", "nobody", "guest")]
    public async Task A_wrong_login_is_told_403_if_the_client_can_take_it_and_nothing_if_not(string mechanism, string user, string password)
    {
        var handshake = new Handshake
        {
            Mechanism = mechanism,
            Response = mechanism == "PLAIN" ? Handshake.Plain(user, password) : Handshake.AmqPlain(user, password),
        };

        var close = await CloseOf(handshake);
        Assert.Equal(ReplyCode.AccessRefused, close.ReplyCode);
        Assert.Equal(
            $"ACCESS_REFUSED - Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.", close.ReplyText);

        var silent = Connect();
        await StartOk(silent, handshake with { Capabilities = [] });
        await silent.Wire.ExpectEnd();
        await silent.Ended();
    }

    [Theory]
    [InlineData("PLAIN", "")]
    [InlineData("PLAIN", "guest")]
    [InlineData("PLAIN", "\0guest")]
    [InlineData("AMQPLAIN", "")]
    [InlineData("AMQPLAIN", "\0guest\0guest")]
    [InlineData("AMQPLAIN", "\u0005LOGINS")]
    [InlineData("EXTERNAL", "")]
    [InlineData("", "")]
    public async Task A_login_that_makes_no_sense_is_refused_with_a_hard_code(string mechanism, string response)
    {
        var close = await CloseOf(new Handshake { Mechanism = mechanism, Response = Encoding.UTF8.GetBytes(response) });

        Assert.Contains((int)close.ReplyCode, new[] { 403, 501, 502, 503 });
        await OthersAreServed();
    }

    [Theory]
    [InlineData("guest", "guest")] // comes with a known password
    [InlineData("local", "here")]
    public async Task A_user_that_is_bound_to_this_machine_is_refused_from_another_like_a_wrong_password(string user, string password)
    {
        var client = Connect(Abroad);
        await StartOk(client, new Handshake().As(user, password));

        Assert.Equal(ReplyCode.AccessRefused, (await client.Wire.ExpectConnectionClose()).ReplyCode);
        await (await Open(new Handshake().As(user, password), Loopback)).Wire.Close();
        await (await Open(new Handshake().As(user, password), new IPEndPoint(IPAddress.Parse("::1"), 1))).Wire.Close();
        await (await Open(new Handshake().As(user, password), new IPEndPoint(IPAddress.Parse("::ffff:127.0.0.1"), 1))).Wire.Close();
    }

    [Fact]
    public async Task A_user_of_ones_own_may_come_from_anywhere() =>
        await (await Open(new Handshake().As("remote", "anywhere"), Abroad)).Wire.Close();

    [Fact]
    public async Task A_second_try_on_the_same_connection_is_not_heard()
    {
        var client = Connect();
        var wrong = Frames.Method(0, new Handshake().As("guest", "wrong").StartOk);
        await client.Wire.Send((byte[])[.. Frames.ProtocolHeader, .. wrong, .. new Handshake().AllAtOnce.AsSpan(8)]);

        await client.Wire.Expect<ConnectionStart>(0);
        Assert.Equal(ReplyCode.AccessRefused, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    private static string Sha512(string password)
    {
        byte[] salt = [1, 2, 3, 4];
        return Convert.ToBase64String([.. salt, .. SHA512.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }

    private static async Task StartOk(ServedClient client, Handshake handshake)
    {
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await client.Wire.Send(0, handshake.StartOk);
    }

    private async Task<ConnectionClose> CloseOf(Handshake handshake)
    {
        var client = Connect();
        await StartOk(client, handshake);
        var close = await client.Wire.ExpectConnectionClose();
        await client.Ended();
        return close;
    }
}
