using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Attack.Tests;

/// <summary>Those who have logged in, and ask for more than they take.</summary>
public sealed class FloodSpec(Victim victim, ITestOutputHelper output) : AttackSpec(victim, output)
{
    /// <summary>What its queues may keep is theirs to decide: an attack is not that they are full.</summary>
    private static readonly FieldTable Bounded = new([new("x-max-length", 1000), new("x-max-length-bytes", 4 << 20)]);

    [Fact]
    public Task Channels_opened_and_closed() => Survives(attacker => Crowd.Of(attacker, 4, 40, reads: true, _ => [], _ => Many(100, i =>
    {
        var channel = (ushort)(2 + (i % 50));
        return [.. Frames.Method(channel, default(ChannelOpen)), .. Frames.Method(channel, new ChannelClose(ReplyCode.Success, "", 0, 0))];
    })));

    [Fact]
    public Task Queues_and_bindings_declared_and_deleted() => Survives(attacker => Crowd.Of(attacker, 4, 40, reads: true, _ => [], n => Many(20, i =>
    {
        var queue = $"churn-{n}-{i}";
        return
        [
            .. Frames.Method(1, Declare(queue)), .. Frames.Method(1, new QueueBind(queue, "amq.topic", $"{n}.{i}.#", NoWait: false, FieldTable.Empty)),
            .. Frames.Method(1, new QueueDelete(queue, IfUnused: false, IfEmpty: false, NoWait: false)),
        ];
    })));

    [Fact]
    public Task Publishes_whose_confirms_are_not_read() => Survives(attacker => Crowd.Of(
        attacker,
        20,
        400,
        reads: false,
        _ => [.. Frames.Method(1, Declare("flood", Bounded)), .. Frames.Method(1, new ConfirmSelect(NoWait: false))],
        _ => Many(50, _ => Frames.Publish(1, "", "flood", new byte[1024]))));

    [Fact]
    public Task Consumers_that_do_not_read() => Survives(attacker => Task.WhenAll(
        Crowd.Of(
            attacker,
            50,
            50,
            reads: false,
            _ => [.. Frames.Method(1, Declare("slow", Bounded)), .. Frames.Method(1, WireClient.ConsumeMethod("slow", noAck: true))],
            _ => Frames.Heartbeat),
        Crowd.Of(attacker, 2, 100, reads: true, _ => Frames.Method(1, Declare("slow", Bounded)), _ => Many(20, _ => Frames.Publish(1, "", "slow", new byte[16_000])))));

    [LongFact("in 20 s it raises the memory alarm, and publishers are blocked for most of them")]
    public Task Gets_whose_answers_are_not_read() => Survives(attacker => Crowd.Of(
        attacker,
        50,
        400,
        reads: false,
        n => Frames.Method(1, Declare($"get-{n}", Bounded)),
        n => Many(4, _ => [.. Frames.Publish(1, "", $"get-{n}", new byte[100_000]), .. Frames.Method(1, new BasicGet($"get-{n}", NoAck: true))])));

    [Fact]
    public Task Unroutable_mandatory_messages_that_are_not_taken_back() => Survives(attacker => Crowd.Of(
        attacker,
        50,
        400,
        reads: false,
        _ => [],
        _ => Many(8, _ => Frames.Publish(1, "", "nowhere", new byte[50_000], mandatory: true))));

    [Fact]
    public Task Tables_deep_and_wide()
    {
        var deep = new FieldTable([new("x", "bottom")]);
        for (var depth = 0; depth < 30; depth++)
        {
            deep = new FieldTable([new("a", deep), new("b", new object?[] { deep.Count, "c" })]);
        }

        var wide = new FieldTable(Enumerable.Range(0, 10_000).Select(i => KeyValuePair.Create($"k{i}", (object?)i)));
        var writer = new AmqpWriter();
        new BasicProperties { Headers = wide }.Encode(writer);
        var properties = writer.Written.ToArray();
        return Survives(attacker => Crowd.Of(attacker, 4, 20, reads: true, n => Frames.Method(1, Declare("tables", Bounded)), n =>
        [
            .. Frames.Method(1, Declare($"deep-{n}", deep)), .. Frames.Method(1, Declare($"deep-{n}", wide)),
            .. Frames.Method(1, new QueueBind("tables", "amq.direct", "k", NoWait: true, wide)),
            .. Frames.Publish(1, "amq.direct", "k", "x"u8, properties), .. Frames.Publish(1, "amq.headers", "k", "x"u8, properties),
            .. Frames.Method(1, new QueueUnbind("tables", "amq.direct", "k", wide)),
        ]));
    }

    [Fact]
    public Task Topic_patterns_full_of_wildcards_and_keys_full_of_words()
    {
        var patterns = Enumerable.Range(0, 100).Select(i => string.Concat(Enumerable.Repeat("#.a.", 50 + (i % 10))) + $"*.b{i}").ToArray();
        var key = string.Concat(Enumerable.Repeat("a.", 126)) + "c";
        return Survives(attacker => Crowd.Of(
            attacker,
            4,
            40,
            reads: true,
            _ => [.. Frames.Method(1, Declare("topics", Bounded)), .. patterns.SelectMany(p => Frames.Method(1, new QueueBind("topics", "amq.topic", p, NoWait: true, FieldTable.Empty)))],
            _ => Many(20, _ => Frames.Publish(1, "amq.topic", key, "x"u8))));
    }

    [Fact]
    public Task Headers_bindings_with_thousands_of_conditions()
    {
        var conditions = new FieldTable(Enumerable.Range(0, 14_000).Select(i => KeyValuePair.Create($"{i:x4}", (object?)true)).Prepend(new("x-match", "any")));
        var writer = new AmqpWriter();
        new BasicProperties { Headers = new FieldTable(Enumerable.Range(20_000, 15_000).Select(i => KeyValuePair.Create($"{i:x4}", (object?)true))) }.Encode(writer);
        var message = Frames.Publish(1, "amq.headers", "", "x"u8, writer.Written.ToArray());
        return Survives(attacker => Crowd.Of(
            attacker,
            6,
            12,
            reads: true,
            _ => [.. Frames.Method(1, Declare("headers", Bounded)), .. Frames.Method(1, new QueueBind("headers", "amq.headers", "", NoWait: true, conditions))],
            _ => message));
    }

    private static QueueDeclare Declare(string queue, FieldTable? arguments = null) =>
        new(queue, Passive: false, Durable: false, Exclusive: false, AutoDelete: false, NoWait: true, arguments ?? FieldTable.Empty);

    private static byte[] Many(int count, Func<int, byte[]> frames) => [.. Enumerable.Range(0, count).SelectMany(frames)];
}
