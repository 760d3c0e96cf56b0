using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Configuration;
using ActorBroker.Listener.Tests.Sockets;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>EXTERNAL: the certificate is the login. And what the log says when TLS fails.</summary>
public sealed class CertificateLoginSpec() : SocketSpec(
    """
    actor-broker.users.client { password-hash = "", permissions { "/" { configure = ".*", write = ".*", read = ".*" } } }
    """)
{
    private static readonly Handshake External = new() { Mechanism = "EXTERNAL", Response = [] };
    private readonly TestCertificates _files = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Who_shows_a_certificate_of_a_user_is_that_user()
    {
        var endpoint = await ListenTls("login-from = common-name");
        await using var client = await SocketClient.ConnectTls(endpoint, _files.Root, _files.Client);
        await client.Send(Frames.ProtocolHeader);
        Assert.Equal("PLAIN AMQPLAIN EXTERNAL", (await client.Expect<ConnectionStart>(0)).Mechanisms);

        await using var other = await SocketClient.ConnectTls(endpoint, _files.Root, _files.Client);
        await other.Open(External);
        Assert.Equal("client", Assert.Single(Broker.Connections).UserName);
        await other.OpenChannel(1);
        await other.RoundTrip(1);
        await other.Close();
    }

    [Fact]
    public async Task It_is_offered_to_nobody_without_a_certificate_and_nowhere_without_the_setting()
    {
        var endpoint = await ListenTls("login-from = common-name");
        await using var without = await SocketClient.ConnectTls(endpoint, _files.Root);
        Assert.Equal("PLAIN AMQPLAIN", await Offer(without));
        await without.Send(0, External.StartOk);
        Assert.Equal(ReplyCode.CommandInvalid, (await without.ExpectConnectionClose()).ReplyCode);

        await using var off = await SocketClient.ConnectTls(await ListenTls(""), _files.Root, _files.Client);
        Assert.Equal("PLAIN AMQPLAIN", await Offer(off));
    }

    [Fact]
    public async Task A_certificate_that_names_no_user_is_refused_like_a_wrong_password()
    {
        await using var client = await SocketClient.ConnectTls(await ListenTls("login-from = distinguished-name"), _files.Root, _files.Client);
        await Offer(client);
        await client.Send(0, External.StartOk);

        var close = await client.ExpectConnectionClose();
        Assert.Equal(
            (ReplyCode.AccessRefused, "ACCESS_REFUSED - Login was refused using authentication mechanism EXTERNAL. For details see the broker logfile."),
            (close.ReplyCode, close.ReplyText));
        await Eventually(() => Diary.Warnings.Any(w => w.Contains("login of user 'CN=client' by EXTERNAL", StringComparison.Ordinal)), "a line in the log");
    }

    [Theory]
    [InlineData("CN=alice", "alice", "CN=alice")]
    [InlineData("CN=alice, OU=Sales, O=\"Ex, Inc.\"", "alice", "CN=alice,OU=Sales,O=Ex\\, Inc.")]
    [InlineData("O=nobody", null, "O=nobody")]
    [InlineData("CN=alice, CN=root", null, "CN=alice,CN=root")]
    public void The_name_is_the_one_common_name_or_the_whole_subject(string subject, string? commonName, string distinguishedName)
    {
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));

        Assert.Equal(commonName, CertificateLogin.CommonName.UserName(certificate));
        Assert.Equal(distinguishedName, CertificateLogin.DistinguishedName.UserName(certificate));
        Assert.Null(CertificateLogin.Off.UserName(certificate));
        Assert.Null(CertificateLogin.CommonName.UserName(null));
    }

    [Fact]
    public void A_subject_with_a_part_of_several_values_names_nobody()
    {
        var subject = new AsnWriter(AsnEncodingRules.DER); // CN=mallory+UID=7,CN=root: not root, and not the user CN=root
        using (subject.PushSequence())
        {
            Part(subject, ("2.5.4.3", "root"));
            Part(subject, ("2.5.4.3", "mallory"), ("0.9.2342.19200300.100.1.1", "7"));
        }

        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest(new X500DistinguishedName(subject.Encode()), key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));

        Assert.Null(CertificateLogin.CommonName.UserName(certificate));
        Assert.Null(CertificateLogin.DistinguishedName.UserName(certificate));
    }

    [Fact]
    public async Task A_failed_handshake_leaves_a_line_with_address_and_reason()
    {
        var endpoint = await ListenTls("require-client-certificate = on");
        await using var plain = await SocketClient.Connect(endpoint);
        await plain.Send(Frames.ProtocolHeader);
        await plain.ReadBytesToEnd();
        await Eventually(() => Failures.Any(), "a line about the plain client");

        try
        {
            await using var stranger = await SocketClient.ConnectTls(endpoint, _files.Root, _files.StrangeClient);
            await stranger.ReadAny("the end");
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // refused during the handshake
        }

        await Eventually(() => Failures.Count() == 2, "a line about the strange certificate");
        Assert.All(Failures, f => Assert.Matches("the TLS handshake with 127.0.0.1:[0-9]+ failed: [A-Z].*", f));
    }

    private static void Part(AsnWriter subject, params (string Type, string Value)[] values)
    {
        using var part = subject.PushSetOf();
        foreach (var (type, value) in values)
        {
            using var one = subject.PushSequence();
            subject.WriteObjectIdentifier(type);
            subject.WriteCharacterString(UniversalTagNumber.UTF8String, value);
        }
    }

    private IEnumerable<string> Failures => Diary.Warnings.Where(w => w.Contains("TLS handshake", StringComparison.Ordinal));

    private static async Task<string> Offer(WireClient client)
    {
        await client.Send(Frames.ProtocolHeader);
        return (await client.Expect<ConnectionStart>(0)).Mechanisms;
    }

    private async Task<IPEndPoint> ListenTls(string more)
    {
        var (certificate, key) = _files.ServerFiles;
        return Plain(await Listen(
            $"listen = \"amqps://127.0.0.1:0\", tls {{ certificate = \"{certificate}\", key = \"{key}\", client-authorities = \"{_files.RootFile}\", {more} }}"));
    }
}
