using System.Text;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>The first eight bytes, and what the broker says of itself.</summary>
public sealed class ProtocolHeaderSpec : ListenerSpec
{
    public static TheoryData<byte[]> WrongHeaders =>
    [
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(),
        "HTTP"u8.ToArray(),
        "X"u8.ToArray(),
        "AMQX"u8.ToArray(),
        [.. "AMQP"u8, 0, 1, 0, 0], // AMQP 1.0
        [.. "AMQP"u8, 3, 1, 0, 0], // AMQP 1.0 with SASL
        [.. "AMQP"u8, 1, 1, 0, 8], // AMQP 0-8
        [.. "AMQP"u8, 0, 0, 9, 2],
        [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01], // a TLS client hello
        new byte[100_000],
    ];

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public async Task A_wrong_header_is_answered_with_the_right_one_and_the_end(byte[] header)
    {
        var client = Connect();
        await client.Wire.SendFlood(header);

        Assert.Equal(Frames.ProtocolHeader, await client.Wire.ReadBytesToEnd());
        await client.Ended();
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 9, 1 })]
    [InlineData(new byte[] { 1, 1, 0, 9 })] // 0-9, as some old clients spell it
    [InlineData(new byte[] { 1, 1, 9, 1 })]
    public async Task Each_spelling_of_0_9_is_treated_as_0_9_1(byte[] version)
    {
        var client = Connect();
        await client.Wire.Send((byte[])[.. "AMQP"u8, .. version]);

        var start = await client.Wire.Expect<ConnectionStart>(0);
        Assert.Equal((0, 9), (start.VersionMajor, start.VersionMinor));
    }

    [Fact]
    public async Task Half_a_header_and_the_end_of_the_stream_end_the_connection_without_a_word()
    {
        var client = Connect();
        await client.Wire.Send("AMQ"u8.ToArray());
        client.Wire.FinishSending();

        Assert.Empty(await client.Wire.ReadBytesToEnd());
        await client.Ended();
    }

    [Fact]
    public async Task The_whole_handshake_may_come_byte_by_byte()
    {
        var client = Connect();
        await InSingleBytes(client, Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await InSingleBytes(client, Frames.Method(0, new Handshake().StartOk));
        await client.Wire.Expect<ConnectionTune>(0);
        await InSingleBytes(client, [.. Frames.Method(0, new Handshake().TuneOk), .. Frames.Method(0, new Handshake().Open)]);
        await client.Wire.Expect<ConnectionOpenOk>(0);
        await InSingleBytes(client, Frames.Method(1, default(ChannelOpen)));
        await InSingleBytes(client, Frames.Publish(1, "", "nowhere", "byte by byte"u8, mandatory: true));

        await client.Wire.Expect<ChannelOpenOk>(1);
        await client.Wire.Expect<BasicReturn>(1);
        Assert.Equal("byte by byte", Encoding.UTF8.GetString(await client.Wire.ReadContent(1)));
    }

    [Fact]
    public async Task The_whole_handshake_may_come_at_once_with_the_first_requests_behind_it()
    {
        var client = Connect();
        await client.Wire.Send((byte[])[.. new Handshake().AllAtOnce, .. Frames.Method(1, default(ChannelOpen))]);

        await client.Wire.Expect<ConnectionStart>(0);
        await client.Wire.Expect<ConnectionTune>(0);
        await client.Wire.Expect<ConnectionOpenOk>(0);
        await client.Wire.Expect<ChannelOpenOk>(1);
    }

    [Fact]
    public async Task Start_names_the_nine_capabilities_and_a_version_that_clients_can_parse()
    {
        var client = Connect();
        await client.Wire.Send(Frames.ProtocolHeader);

        var start = await client.Wire.Expect<ConnectionStart>(0);
        string[] nine =
        [
            "authentication_failure_close", "basic.nack", "connection.blocked", "consumer_cancel_notify", "consumer_priorities",
            "direct_reply_to", "exchange_exchange_bindings", "per_consumer_qos", "publisher_confirms",
        ];
        var capabilities = Assert.IsType<FieldTable>(start.ServerProperties["capabilities"]);
        Assert.Equal(nine, capabilities.Select(c => c.Key).Order(StringComparer.Ordinal));
        Assert.All(capabilities, c => Assert.Equal(true, c.Value));
        Assert.True(Version.Parse((string)start.ServerProperties["version"]!) >= new Version(4, 0));
        Assert.Equal("PLAIN AMQPLAIN", start.Mechanisms);
        Assert.Contains("en_US", start.Locales);
    }

    private static async Task InSingleBytes(ServedClient client, byte[] bytes)
    {
        foreach (var single in bytes)
        {
            var reads = client.Connection.Reads;
            await client.Wire.Send((byte[])[single]);
            await Eventually(() => client.Connection.Reads > reads, "the broker to read a single byte");
        }
    }
}
