using System.Text;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>Who may come in: mechanisms, passwords, virtual hosts.</summary>
public abstract class LoginSpec(Broker broker) : RawSpec(broker)
{
    private static readonly Handshake WrongPassword = new() { Response = "\0guest\0wrong"u8.ToArray() };

    [ConformanceFact]
    public async Task Amqplain_logs_in()
    {
        var login = new Args().ShortString("LOGIN").Octet((byte)'S').LongString("guest")
            .ShortString("PASSWORD").Octet((byte)'S').LongString("guest");
        await using var client = await OpenRaw(new Handshake { Mechanism = "AMQPLAIN", Response = login.Bytes });

        await client.OpenChannel(1);
    }

    [ConformanceFact]
    public async Task A_wrong_amqplain_password_is_refused()
    {
        var login = new Args().ShortString("LOGIN").Octet((byte)'S').LongString("guest")
            .ShortString("PASSWORD").Octet((byte)'S').LongString("wrong");
        await using var client = await ConnectRaw();
        await client.SendStartOk(new Handshake { Mechanism = "AMQPLAIN", Response = login.Bytes });

        Assert.Equal(LoginRefused("AMQPLAIN"), await client.ExpectRefusal());
    }

    [ConformanceFact]
    public async Task A_wrong_password_closes_with_403_for_a_client_that_understands_it()
    {
        await using var client = await ConnectRaw();
        await client.SendStartOk(WrongPassword);

        Assert.Equal(LoginRefused("PLAIN"), await client.ExpectRefusal());
        await client.ExpectEnd();
    }

    [ConformanceFact]
    public async Task A_wrong_password_just_closes_the_socket_of_an_older_client()
    {
        await using var client = await ConnectRaw();
        await client.SendStartOk(WrongPassword with { WantsAuthenticationFailureClose = false });

        Assert.Empty(await client.ExpectEnd());
    }

    [ConformanceFact]
    public async Task An_unknown_user_is_told_the_same_as_a_wrong_password()
    {
        await using var client = await ConnectRaw();
        await client.SendStartOk(new Handshake { Response = "\0nobody\0guest"u8.ToArray() });

        Assert.Equal(LoginRefused("PLAIN"), await client.ExpectRefusal());
    }

    [ConformanceTheory]
    [InlineData("TELEPATHY", "")]
    [InlineData("PLAIN", "")]
    [InlineData("PLAIN", "guest guest")]
    [InlineData("AMQPLAIN", "guest")]
    public async Task A_login_that_makes_no_sense_is_refused(string mechanism, string response)
    {
        await using var client = await ConnectRaw();
        await client.SendStartOk(new Handshake { Mechanism = mechanism, Response = Encoding.UTF8.GetBytes(response) });

        if (await client.ExpectGone() is { } reason)
        {
            Assert.Contains(reason.Code, new ushort[] { 403, 501, 502, 503 });
        }

        await OthersAreServed();
    }

    [ConformanceFact]
    public async Task An_unknown_virtual_host_is_not_allowed()
    {
        await using var client = await ConnectRaw();
        await client.SendOpen(new Handshake { VirtualHost = "nowhere" });

        Assert.Equal(Refusal.OfConnection(530, "NOT_ALLOWED - vhost nowhere not found"), await client.ExpectRefusal());
        await client.ExpectEnd();
    }

    [ConformanceFact]
    public async Task SD_23_A_user_without_rights_on_the_virtual_host_may_not_enter_it()
    {
        await using var client = await ConnectRaw();
        await client.SendOpen(new Handshake { Response = "\0outsider\0outsider"u8.ToArray() });

        Assert.Equal(
            Refusal.OfConnection(530, "NOT_ALLOWED - access to vhost '/' refused for user 'outsider'"),
            await client.ExpectRefusal());
    }

    [ConformanceFact]
    public async Task SD_23_Rights_on_one_virtual_host_give_none_on_another()
    {
        await using var client = await ConnectRaw();
        await client.SendOpen(
            new Handshake { Response = "\0reader\0reader"u8.ToArray(), VirtualHost = Accounts.SecondHost });

        Assert.Equal(
            Refusal.OfConnection(530, "NOT_ALLOWED - access to vhost 'second' refused for user 'reader'"),
            await client.ExpectRefusal());
    }

    private static Refusal LoginRefused(string mechanism) => Refusal.OfConnection(
        403,
        $"ACCESS_REFUSED - Login was refused using authentication mechanism {mechanism}. "
        + "For details see the broker logfile.");
}
