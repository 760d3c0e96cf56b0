using System.Collections;
using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>What a publisher puts into a message comes out unchanged.</summary>
public abstract class PropertySpec(Broker broker) : RawSpec(broker)
{
    [ConformanceFact]
    public async Task All_fourteen_properties_come_back()
    {
        var queue = await Queue();
        await Publish("", queue, "m", new BasicProperties
        {
            ContentType = "text/plain",
            ContentEncoding = "utf-8",
            Headers = Table(("h", 1)),
            DeliveryMode = DeliveryModes.Persistent,
            Priority = 7,
            CorrelationId = "correlation",
            ReplyTo = "reply-to",
            Expiration = "60000",
            MessageId = "message",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Type = "type",
            UserId = "guest",
            AppId = "app",
            ClusterId = "cluster",
        });

        var p = (await Get(queue))!.Properties;

        Assert.Equal(("text/plain", "utf-8", 1), (p.ContentType, p.ContentEncoding, p.Headers!["h"]));
        Assert.Equal((DeliveryModes.Persistent, (byte)7, "correlation"), (p.DeliveryMode, p.Priority, p.CorrelationId));
        Assert.Equal(("reply-to", "60000", "message"), (p.ReplyTo, p.Expiration, p.MessageId));
        Assert.Equal((new AmqpTimestamp(1_700_000_000), "type", "guest"), (p.Timestamp, p.Type, p.UserId));
        Assert.Equal(("app", "cluster"), (p.AppId, p.ClusterId));
    }

    [ConformanceFact]
    public async Task Properties_that_were_not_set_stay_unset()
    {
        var queue = await Queue();
        await Publish("", queue, "m", new BasicProperties { Type = "" });

        var p = (await Get(queue))!.Properties;

        Assert.Equal((true, ""), (p.IsTypePresent(), p.Type));
        Assert.False(p.IsHeadersPresent() || p.IsDeliveryModePresent() || p.IsPriorityPresent());
        Assert.False(p.IsContentTypePresent() || p.IsTimestampPresent() || p.IsMessageIdPresent());
    }

    [ConformanceFact]
    public async Task SD_10_Headers_of_every_type_come_back()
    {
        var headers = Table(
            ("bool", true), ("byte", (byte)200), ("sbyte", (sbyte)-100), ("short", short.MinValue),
            ("ushort", ushort.MaxValue), ("int", int.MinValue), ("uint", uint.MaxValue), ("long", long.MinValue),
            ("float", 1.5f), ("double", Math.PI), ("decimal", 12.34m), ("string", "Grüße"),
            ("time", new AmqpTimestamp(1)),
            ("table", Table(("inner", Table(("deep", "x"))))), ("list", new List<object?> { 1, "two", null }),
            ("null", null), ("binary", new BinaryTableValue([0, 255])), ("empty", ""));
        var queue = await Queue();

        await Publish("", queue, "m", new BasicProperties { Headers = headers });

        var got = (await Get(queue))!.Properties.Headers!;
        Assert.Equal(headers.Keys.Order(), got.Keys.Order());
        Assert.All(headers, header => Assert.Equal(Plain(header.Value), Plain(got[header.Key])));
    }

    [ConformanceFact]
    public async Task SD_10_A_header_table_comes_back_byte_for_byte()
    {
        var table = new Args()
            .ShortString("t").Octet((byte)'t').Octet(1)
            .ShortString("b").Octet((byte)'b').Octet(0x80)
            .ShortString("B").Octet((byte)'B').Octet(0xFF)
            .ShortString("s").Octet((byte)'s').Short(0x8000)
            .ShortString("u").Octet((byte)'u').Short(0xFFFF)
            .ShortString("I").Octet((byte)'I').Long(0x80000000)
            .ShortString("i").Octet((byte)'i').Long(0xFFFFFFFF)
            .ShortString("l").Octet((byte)'l').LongLong(0x8000000000000000)
            .ShortString("L").Octet((byte)'L').LongLong(ulong.MaxValue)
            .ShortString("f").Octet((byte)'f').Long(0x3FC00000)
            .ShortString("d").Octet((byte)'d').LongLong(0x400921FB54442D18)
            .ShortString("D").Octet((byte)'D').Octet(2).Long(1234)
            .ShortString("S").Octet((byte)'S').LongString("text")
            .ShortString("A").Octet((byte)'A').LongString([(byte)'t', 0, (byte)'V'])
            .ShortString("T").Octet((byte)'T').LongLong(1_700_000_000)
            .ShortString("F").Octet((byte)'F').LongString(new Args().ShortString("k").Octet((byte)'V').Bytes)
            .ShortString("V").Octet((byte)'V')
            .ShortString("x").Octet((byte)'x').LongString([0, 1, 254, 255]);

        await ComesBackUnchanged(table);
    }

    [ConformanceFact]
    public async Task Text_in_headers_need_not_be_utf8() =>
        await ComesBackUnchanged(new Args().ShortString("bytes").Octet((byte)'S').LongString([0xC3, 0x28, 0xFF, 0]));

    [ConformanceTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_064)] // exactly one body frame
    [InlineData(131_065)]
    [InlineData(Accounts.MaxMessageSize)]
    public async Task A_body_of_any_allowed_size_comes_back(int size)
    {
        var queue = await Queue();
        var body = new byte[size];
        new Random(size).NextBytes(body);

        Phase.Current = $"a body of {size} bytes";
        await Channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties(), body, Phase.Deadline);

        var got = (await Get(queue))!.Bytes;
        Assert.True(body.AsSpan().SequenceEqual(got), $"{got.Length} bytes came back, or other ones");
    }

    private async Task ComesBackUnchanged(Args headers)
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        var properties = new Args().Short(0x2000).LongString(headers.Bytes).Bytes; // bit 13: headers only

        await client.Send(FrameBytes.Publish(1, "", queue, "m"u8.ToArray(), properties));

        var (got, _) = await client.Get(queue);
        Assert.Equal(Convert.ToHexString(properties), Convert.ToHexString(got));
    }

    /// <summary>The client library hands text out as bytes; compare texts, and look into lists and tables.</summary>
    private static string? Plain(object? value) => value switch
    {
        BinaryTableValue binary => Convert.ToHexString(binary.Bytes),
        IDictionary<string, object?> table =>
            string.Join(",", table.OrderBy(e => e.Key).Select(e => $"{e.Key}={Plain(e.Value)}")),
        IList list and not byte[] => string.Join(",", list.Cast<object?>().Select(Plain)),
        byte[] or string or null => Delivery.Text(value),
        _ => $"{value.GetType().Name} {value}",
    };
}
