using System.Collections;
using System.Text;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>What a publisher put into a message comes out of the store unchanged.</summary>
public sealed class ContentSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private static readonly int[] Sizes = [0, 1, 80_000, 80_001, 1 << 20, 16 << 20];

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task Bodies_of_all_sizes_survive_byte_for_byte(Ending how)
    {
        var queue = await Queue();
        foreach (var size in Sizes)
        {
            await Publish("", queue, Body(size));
        }

        await Restart(how);

        foreach (var size in Sizes)
        {
            var got = (await Get(queue))!;
            Assert.Equal(size, got.Bytes.Length);
            Assert.True(got.Bytes.AsSpan().SequenceEqual(Body(size)), $"another body than the one of {size} bytes");
        }

        Assert.Null(await Get(queue));
    }

    [Fact]
    public async Task A_large_body_to_several_queues_survives_in_each_with_small_ones_around_it()
    {
        var exchange = await Exchange("fanout");
        string[] queues = [await Queue("a"), await Queue("b"), await Queue("c")];
        foreach (var queue in queues)
        {
            await Channel.QueueBindAsync(queue, exchange, "");
            await Send(queue, "before");
        }

        await Publish(exchange, "", Body(1 << 20));
        await Publish(exchange, "", "after");

        await Restart(Ending.Kill);

        foreach (var queue in queues)
        {
            var all = await Drain(queue);
            Assert.Equal(3, all.Count);
            Assert.Equal(("before", "after"), (all[0].Body, all[2].Body));
            Assert.True(all[1].Bytes.AsSpan().SequenceEqual(Body(1 << 20)));
        }
    }

    [Fact]
    public async Task All_fourteen_properties_and_headers_of_every_type_survive()
    {
        var headers = Table(
            ("bool", true), ("byte", (byte)200), ("sbyte", (sbyte)-100), ("short", short.MinValue),
            ("ushort", ushort.MaxValue), ("int", int.MinValue), ("uint", uint.MaxValue), ("long", long.MinValue),
            ("float", 1.5f), ("double", Math.PI), ("decimal", 12.34m), ("string", "Grüße"),
            ("time", new AmqpTimestamp(1)), ("table", Table(("inner", Table(("deep", "x"))))),
            ("list", new List<object?> { 1, "two", null }), ("null", null),
            ("binary", new BinaryTableValue([0, 255])), ("empty", ""));
        var queue = await Queue();
        await Publish("", queue, "m", new BasicProperties
        {
            ContentType = "text/plain",
            ContentEncoding = "utf-8",
            Headers = headers,
            DeliveryMode = DeliveryModes.Persistent,
            Priority = 7,
            CorrelationId = "correlation",
            ReplyTo = "reply-to",
            Expiration = "600000",
            MessageId = "message",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Type = "type",
            UserId = "guest",
            AppId = "app",
            ClusterId = "cluster",
        });

        await Restart(Ending.Kill);

        var p = (await Get(queue))!.Properties;
        Assert.Equal(("text/plain", "utf-8"), (p.ContentType, p.ContentEncoding));
        Assert.Equal((DeliveryModes.Persistent, (byte)7, "correlation"), (p.DeliveryMode, p.Priority, p.CorrelationId));
        Assert.Equal(("reply-to", "600000", "message"), (p.ReplyTo, p.Expiration, p.MessageId));
        Assert.Equal((new AmqpTimestamp(1_700_000_000), "type", "guest"), (p.Timestamp, p.Type, p.UserId));
        Assert.Equal(("app", "cluster"), (p.AppId, p.ClusterId));
        Assert.Equal(headers.Keys.Order(), p.Headers!.Keys.Order());
        Assert.All(headers, header => Assert.Equal(Plain(header.Value), Plain(p.Headers![header.Key])));
    }

    [Fact]
    public async Task Properties_that_were_not_set_stay_unset()
    {
        var queue = await Queue();
        await Publish("", queue, "m", new BasicProperties { DeliveryMode = DeliveryModes.Persistent, Type = "" });

        await Restart(Ending.Kill);

        var p = (await Get(queue))!.Properties;
        Assert.Equal((true, ""), (p.IsTypePresent(), p.Type));
        Assert.False(p.IsHeadersPresent() || p.IsPriorityPresent() || p.IsExpirationPresent() || p.IsUserIdPresent());
        Assert.False(p.IsContentTypePresent() || p.IsTimestampPresent() || p.IsMessageIdPresent());
    }

    [Fact]
    public async Task Names_of_the_longest_size_survive()
    {
        var queue = Name("q").PadRight(130, 'ü');
        var key = new string('k', 255);
        await Declare(queue);
        var exchange = await Exchange("direct");
        await Channel.QueueBindAsync(queue, exchange, key);
        await Publish(exchange, key, "m");

        await Restart(Ending.Kill);

        var got = (await Get(queue))!;
        Assert.Equal((exchange, key, "m"), (got.Exchange, got.RoutingKey, got.Body));
        await Channel.QueueDeleteAsync(queue);
    }

    private static byte[] Body(int size)
    {
        var body = new byte[size];
        new Random(size).NextBytes(body);
        return body;
    }

    private static string? Plain(object? value) => value switch
    {
        BinaryTableValue binary => Convert.ToHexString(binary.Bytes),
        IDictionary<string, object?> table =>
            string.Join(",", table.OrderBy(e => e.Key).Select(e => $"{e.Key}={Plain(e.Value)}")),
        IList list and not byte[] => string.Join(",", list.Cast<object?>().Select(Plain)),
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string or null => (string?)value,
        _ => $"{value.GetType().Name} {value}",
    };
}
