using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>TLS and mutual TLS, with authorities made for the test.</summary>
public sealed class TlsSpec : SocketSpec
{
    private readonly TestCertificates _files = new();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Amqps_works_with_a_certificate_and_key_in_PEM()
    {
        var (certificate, key) = _files.ServerFiles;
        await Works(await ListenTls($"certificate = \"{certificate}\", key = \"{key}\""));
    }

    [Fact]
    public async Task Amqps_works_with_an_encrypted_key_in_PEM()
    {
        var (certificate, key) = _files.EncryptedServerFiles;
        await Works(await ListenTls($"certificate = \"{certificate}\", key = \"{key}\", password = \"{TestCertificates.Password}\""));
    }

    [Fact]
    public async Task Amqps_works_with_PKCS12() =>
        await Works(await ListenTls($"certificate = \"{_files.ServerPkcs12}\", password = \"{TestCertificates.Password}\""));

    [Fact]
    public async Task The_chain_in_the_file_is_shown_to_clients_that_know_the_root_only()
    {
        var (certificate, key) = _files.ChainFiles;
        await Works(await ListenTls($"certificate = \"{certificate}\", key = \"{key}\""));
    }

    [Fact]
    public async Task A_client_that_trusts_another_authority_refuses_the_server_which_goes_on()
    {
        var endpoint = await ListenTls(Pem());

        await Assert.ThrowsAsync<AuthenticationException>(() => SocketClient.ConnectTls(endpoint, _files.OtherRoot));
        await Works(endpoint);
    }

    [Fact]
    public async Task A_plain_client_on_a_TLS_endpoint_is_cut_off_and_harms_nobody()
    {
        var endpoint = await ListenTls(Pem());
        await using var plain = await SocketClient.Connect(endpoint);
        await plain.Send(Frames.ProtocolHeader);

        Assert.DoesNotContain("AMQP", System.Text.Encoding.Latin1.GetString(await plain.ReadBytesToEnd()), StringComparison.Ordinal);
        await Works(endpoint);
    }

    [Fact]
    public async Task A_client_that_never_starts_its_TLS_handshake_is_cut_off_by_the_handshake_timeout()
    {
        await using var patient = await SocketClient.Connect(await ListenTls(Pem(), "handshake-timeout = 10m"));
        await using var silent = await SocketClient.Connect(await ListenTls(Pem(), "handshake-timeout = 1s"));
        var kept = patient.ReadBytesToEnd();

        Assert.Empty(await silent.ReadBytesToEnd());
        Assert.False(kept.IsCompleted, "a client that has ten minutes, and came first, was cut off no later");
        await patient.DisposeAsync();
        await Task.WhenAny(kept); // fails: nobody reads any more
    }

    [Fact]
    public async Task A_body_of_8_MiB_passes_through_TLS_both_ways()
    {
        var body = new byte[8 << 20];
        new Random(8).NextBytes(body);
        await using var client = await SocketClient.ConnectTls(await ListenTls(Pem()), _files.Root);
        await client.Open();
        await client.OpenChannel(1);
        await client.Declare(1, "q");
        await client.SendFlood(Frames.Publish(1, "", "q", body)).WaitAsync(WireClient.Patience);

        Assert.Equal(body, (await client.Get(1, "q"))!.Body);
    }

    [Fact]
    public async Task Plain_and_TLS_endpoints_serve_side_by_side()
    {
        var listener = await Listen($"listen = [\"127.0.0.1:0\", \"amqps://127.0.0.1:0\"], tls {{ {Pem()} }}");
        await using var plain = await SocketClient.Connect(listener.Endpoints[0]);
        await plain.Open();
        await plain.OpenChannel(1);
        await plain.Declare(1, "q");
        await plain.Publish(1, "q", "by plain");
        await plain.Sync(1);
        await using var tls = await SocketClient.ConnectTls(listener.Endpoints[1], _files.Root);
        await tls.Open();
        await tls.OpenChannel(1);

        Assert.Equal("by plain", (await tls.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task With_mutual_TLS_a_certificate_of_the_right_authority_lets_in()
    {
        var endpoint = await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\", require-client-certificate = on");

        await Works(endpoint, _files.Client);
    }

    [Fact]
    public async Task With_mutual_TLS_a_client_may_bring_the_intermediate_authority_along()
    {
        var endpoint = await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\", require-client-certificate = on");

        await Works(endpoint, _files.ClientOfIntermediate, _files.Intermediate);
    }

    [Fact]
    public async Task With_mutual_TLS_no_certificate_or_a_strange_one_keeps_out()
    {
        var endpoint = await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\", require-client-certificate = on");

        await IsKeptOut(endpoint, null);
        await IsKeptOut(endpoint, _files.StrangeClient);
        await Works(endpoint, _files.Client);
    }

    [Fact]
    public async Task A_certificate_that_is_made_for_servers_only_is_no_login()
    {
        await IsKeptOut(await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\", require-client-certificate = on"), _files.ServerOnly);
        await IsKeptOut(await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\", login-from = common-name"), _files.ServerOnly);
    }

    [Fact]
    public async Task Where_certificates_are_optional_none_lets_in_and_a_strange_one_keeps_out()
    {
        var endpoint = await ListenTls($"{Pem()}, client-authorities = \"{_files.RootFile}\"");

        await Works(endpoint);
        await Works(endpoint, _files.Client);
        await IsKeptOut(endpoint, _files.StrangeClient);
    }

    private string Pem()
    {
        var (certificate, key) = _files.ServerFiles;
        return $"certificate = \"{certificate}\", key = \"{key}\"";
    }

    private async Task<IPEndPoint> ListenTls(string tls, string more = "") => Plain(await Listen($"listen = \"amqps://127.0.0.1:0\", tls {{ {tls} }}\n{more}"));

    private async Task Works(IPEndPoint endpoint, X509Certificate2? own = null, X509Certificate2? intermediate = null)
    {
        await using var client = await SocketClient.ConnectTls(endpoint, _files.Root, own, intermediate);
        await client.Open();
        await client.OpenChannel(1);
        await client.RoundTrip(1);
        await client.Close();
    }

    /// <summary>With TLS 1.3 a client thinks that it is in before the server has looked at its certificate: its first read fails.</summary>
    private async Task IsKeptOut(IPEndPoint endpoint, X509Certificate2? own)
    {
        try
        {
            await using var client = await SocketClient.ConnectTls(endpoint, _files.Root, own);
            await client.Send(Frames.ProtocolHeader);
            Assert.Null(await client.ReadAny("the end of the stream"));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // refused during the handshake
        }
    }
}
