using System.Diagnostics;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>From the protocol header to <c>connection.tune-ok</c> (10, 31): offers and refusals.</summary>
public abstract class HandshakeSpec(Broker broker) : RawSpec(broker)
{
    private const string Version091 = "414D515000000901";

    [ConformanceTheory]
    [InlineData("48545450203120310D0A")] // HTTP
    [InlineData("414D515003010000")] // AMQP 1.0 with SASL
    [InlineData("414D515000000902")]
    [InlineData("414D515100000901")]
    public async Task A_wrong_protocol_header_is_answered_with_the_right_one_and_the_end(string header)
    {
        await using var client = await ConnectRaw();
        await client.Send(Convert.FromHexString(header));

        Assert.Equal(Version091, Convert.ToHexString(await client.ReadToEnd()));
    }

    [ConformanceFact]
    public async Task Version_0_9_is_taken_for_0_9_1()
    {
        await using var client = await ConnectRaw();
        await client.Send([.. "AMQP"u8, 1, 1, 0, 9]);

        var start = (await client.Expect(Methods.ConnectionStart)).Arguments();

        Assert.Equal((0, 9), (start.Octet(), start.Octet()));
    }

    [ConformanceFact]
    public async Task Start_names_the_version_the_mechanisms_and_the_locale()
    {
        await using var client = await OpenRaw();
        var start = client.Start.Arguments();

        Assert.Equal((0, 9), (start.Octet(), start.Octet()));
        _ = start.Table();
        var mechanisms = start.LongString().Split(' ');
        Assert.Contains("PLAIN", mechanisms);
        Assert.Contains("AMQPLAIN", mechanisms);
        Assert.Contains("en_US", start.LongString().Split(' '));
    }

    [ConformanceFact]
    public async Task Server_properties_name_product_version_and_platform()
    {
        await using var client = await OpenRaw();
        var properties = ServerProperties(client);

        Assert.Equal(Differences.Product.For(Kind), properties["product"]);
        var version = Version.Parse((string)properties["version"]);
        Assert.True(version >= Differences.LeastVersion.For(Kind), $"version {version}");
        foreach (var name in new[] { "platform", "copyright", "information", "cluster_name" })
        {
            Assert.NotEqual("", Assert.IsType<string>(properties[name]));
        }
    }

    [ConformanceTheory]
    [InlineData("publisher_confirms")]
    [InlineData("exchange_exchange_bindings")]
    [InlineData("basic.nack")]
    [InlineData("consumer_cancel_notify")]
    [InlineData("connection.blocked")]
    [InlineData("consumer_priorities")]
    [InlineData("authentication_failure_close")]
    [InlineData("per_consumer_qos")]
    [InlineData("direct_reply_to")]
    public async Task The_capability_is_announced(string capability)
    {
        await using var client = await OpenRaw();
        var capabilities = (Dictionary<string, object>)ServerProperties(client)["capabilities"];

        Assert.Equal(9, capabilities.Count);
        Assert.Equal(true, capabilities[capability]);
    }

    [ConformanceFact]
    public async Task Tune_offers_2047_channels_frames_of_128_KiB_and_heartbeats_of_60_s()
    {
        await using var client = await OpenRaw();

        Assert.Equal(((ushort)2047, 131072u, (ushort)60), client.Offer);
    }

    [ConformanceTheory]
    [InlineData(null, 4096u)]
    [InlineData(null, 8192u)]
    [InlineData((ushort)1, null)]
    [InlineData((ushort)10, 16384u)]
    public async Task Smaller_limits_of_the_client_are_accepted(ushort? channelMax, uint? frameMax)
    {
        await using var client = await OpenRaw(new Handshake { ChannelMax = channelMax, FrameMax = frameMax });

        await client.OpenChannel(1);
    }

    [ConformanceTheory]
    [InlineData((ushort)0, null)] // no limit
    [InlineData((ushort)4096, null)]
    [InlineData(null, 262144u)]
    [InlineData(null, 4095u)]
    public async Task Limits_outside_the_offer_are_refused(ushort? channelMax, uint? frameMax)
    {
        await using var client = await ConnectRaw();
        await client.SendTuneOk(new Handshake { ChannelMax = channelMax, FrameMax = frameMax });

        if (await client.ExpectGone() is { } reason)
        {
            Assert.Equal((ushort)530, reason.Code);
        }
    }

    [ConformanceFact]
    public async Task Silence_after_connecting_is_cut_off_after_ten_seconds()
    {
        await using var client = await ConnectRaw();
        var watch = Stopwatch.StartNew();

        Assert.Empty(await client.ReadToEnd());

        Assert.InRange(watch.Elapsed.TotalSeconds, 8, 20);
    }

    [ConformanceFact]
    public async Task Half_a_protocol_header_and_the_end_harm_nobody()
    {
        await using var client = await ConnectRaw();
        await client.Send("AMQ"u8.ToArray());
        client.FinishSending();

        Assert.Empty(await client.ReadToEnd());
        await OthersAreServed();
    }

    private static Dictionary<string, object> ServerProperties(RawClient client)
    {
        var start = client.Start.Arguments();
        start.Short();
        return start.Table();
    }
}
