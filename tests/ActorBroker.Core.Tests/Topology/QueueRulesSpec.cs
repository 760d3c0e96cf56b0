using ActorBroker.Core.Topology;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Every text here was answered by RabbitMQ 3.10.</summary>
public sealed class QueueRulesSpec
{
    private const string Inequivalent = "PRECONDITION_FAILED - inequivalent arg";
    private const string Where = "for queue 'q' in vhost '/': received";

    private const string Locked =
        "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be originally "
        + "declared on another connection or the exclusive property value does not match that of the original "
        + "declaration.";

    private readonly TopologyBench _bench = new();

    [Fact]
    public void An_equal_redeclaration_changes_nothing()
    {
        Assert.Single(_bench.Queue("q", arguments: [("x-max-length", 10), ("unknown", 1)]));
        Assert.Empty(_bench.Queue(
            "q", arguments: [("x-max-length", 10L), ("unknown", 2), ("x-queue-type", "classic")]));
        Assert.Empty(_bench.Queue("q", arguments: [("x-max-length", (byte)10)]));
        Assert.Equal(1, _bench.State.FindQueue("/", "q")!.Uid);
        Assert.Equal(10, _bench.State.FindQueue("/", "q")!.Arguments.MaxLength);
    }

    [Fact]
    public void Another_declaration_is_refused_with_the_first_difference()
    {
        _bench.Queue("q");
        Refused(
            $"{Inequivalent} 'durable' {Where} 'true' but current is 'false'",
            () => _bench.Queue("q", durable: true));
        Refused(
            $"{Inequivalent} 'auto_delete' {Where} 'true' but current is 'false'",
            () => _bench.Queue("q", autoDelete: true));
        Refused(Locked, () => _bench.Queue("q", exclusive: true));
        Refused(
            $"{Inequivalent} 'x-max-length' {Where} the value '-10' of type 'signedint' but current is none",
            () => _bench.Queue("q", arguments: ("x-max-length", -10)));
        Refused(
            $"{Inequivalent} 'durable' {Where} 'true' but current is 'false'",
            () => _bench.Queue("q", durable: true, arguments: ("x-max-length", -10)));
        Refused(
            $"{Inequivalent} 'x-expires' {Where} the value '5000' of type 'signedint' but current is none",
            () => _bench.Queue(
                "q", arguments: [("x-max-length", 10), ("x-expires", 5000), ("x-dead-letter-exchange", "dl")]));
        Refused(
            $"{Inequivalent} 'x-queue-type' {Where} the value 'quorum' of type 'longstr' but current is none",
            () => _bench.Queue("q", arguments: ("x-queue-type", "quorum")));
        Refused(
            $"{Inequivalent} 'x-single-active-consumer' {Where} the value 'true' of type 'bool' but current is none",
            () => _bench.Queue("q", arguments: ("x-single-active-consumer", true)));
    }

    [Fact]
    public void Differing_values_are_told_as_Erlang_writes_them()
    {
        _bench.Queue("q", arguments: ("x-max-length", 10));
        string Differs(object? value) =>
            Assert.ThrowsAny<Exception>(() => _bench.Queue("q", arguments: ("x-max-length", value))).Message;

        string Text(string received) => $"{Inequivalent} 'x-max-length' {Where} '{received}' but current is '10'";
        Assert.Equal(Text("11"), Differs(11));
        Assert.Equal(Text("1099511627776"), Differs(1L << 40));
        Assert.Equal(Text("10"), Differs("10"));
        Assert.Equal(Text("10.0"), Differs(10.0));
        Assert.Equal(Text("[{<<\"a\">>,bool,true}]"), Differs(Table(("a", true))));
        Assert.Equal(
            Text("[{signedint,1},{longstr,<<\"a\">>},{table,[{<<\"b\">>,signedint,1}]}]"),
            Differs(new object?[] { 1, "a", Table(("b", 1)) }));
        Assert.Equal(
            $"{Inequivalent} 'x-max-length' {Where} none but current is the value '10' of type 'signedint'",
            Assert.ThrowsAny<Exception>(() => _bench.Queue("q")).Message);
    }

    [Fact]
    public void Names_of_the_brokers_own_are_refused_even_when_the_queue_is_there()
    {
        _bench.Do(_bench.State.DecideQueueDeclare(
            new QueueDeclaration("/", "amq.gen-1", false, false, false, Table(), ServerNamed: true), 7, Me));
        Assert.Equal(7, _bench.State.CheckQueue("/", "amq.gen-1", Me).Uid);
        Refused(
            "ACCESS_REFUSED - queue name 'amq.gen-1' contains reserved prefix 'amq.*'",
            () => _bench.Queue("amq.gen-1"));
        Refused("NOT_FOUND - no queue '' in vhost '/'", () => _bench.State.CheckQueue("/", "", Me));
    }

    [Fact]
    public void An_exclusive_queue_is_locked_for_every_other_connection()
    {
        _bench.Queue("q", durable: true, exclusive: true);
        Assert.False(_bench.State.FindQueue("/", "q")!.Durable);
        Assert.Empty(_bench.Queue("q", exclusive: true));
        Refused(Locked, () => _bench.Queue("q", durable: true));
        Refused(Locked, () => _bench.Queue("q", exclusive: true, connection: Other));
        Refused(Locked, () => _bench.Queue("q", connection: Other));
        Refused(Locked, () => _bench.State.CheckQueue("/", "q", Other));
        Refused(Locked, () => _bench.State.DecideQueueDelete("/", "q", Other));
        Refused(Locked, () => _bench.Bind("amq.direct", "q", connection: Other));
        Refused("NOT_FOUND - no exchange 'nox' in vhost '/'", () => _bench.Bind("nox", "q", connection: Other));
        Assert.Empty(_bench.Unbind("amq.direct", "q", connection: Other));
        _bench.Bind("amq.direct", "q");
        Refused(Locked, () => _bench.Unbind("amq.direct", "q", connection: Other));
        Assert.Equal("q", _bench.State.CheckQueue("/", "q", Me).Name);
    }

    [Fact]
    public void Exclusive_queues_go_with_their_connection()
    {
        _bench.Queue("mine1", exclusive: true);
        _bench.Queue("mine2", exclusive: true);
        _bench.Queue("other", exclusive: true, connection: Other);
        _bench.Queue("all");
        _bench.Exchange("e", autoDelete: true);
        _bench.Bind("e", "mine1");
        _bench.Bind("e", "mine2");

        var decision = _bench.Do(_bench.State.DecideConnectionLost(Me));
        Assert.Equal(["all", "other"], _bench.State.Queues("/").Select(q => q.Name).Order(StringComparer.Ordinal));
        Assert.Null(_bench.State.FindExchange("/", "e"));
        Assert.DoesNotContain(decision, e => e.Journaled);
        Assert.Empty(_bench.State.DecideConnectionLost(Me));
    }

    [Fact]
    public void A_queue_that_expires_is_not_its_successor_of_the_same_name()
    {
        _bench.Queue("q");
        _bench.Do(_bench.State.DecideQueueDelete("/", "q", Me));
        _bench.Queue("q");
        Assert.Empty(_bench.State.DecideQueueExpired("/", "q", uid: 1));
        Assert.Single(_bench.Do(_bench.State.DecideQueueExpired("/", "q", uid: 2)));
        Assert.Empty(_bench.State.DecideQueueDelete("/", "q", Me));
    }

    [Fact]
    public void A_quorum_queue_is_durable_named_and_for_all()
    {
        (string, object?) quorum = ("x-queue-type", "quorum");
        string Property(string name) => $"PRECONDITION_FAILED - invalid property '{name}' for queue 'q' in vhost '/'";
        Refused(Property("non-durable"), () => _bench.Queue("q", arguments: quorum));
        Refused(
            Property("exclusive-owner"), () => _bench.Queue("q", durable: true, exclusive: true, arguments: quorum));
        Refused(
            Property("auto-delete"), () => _bench.Queue("q", exclusive: true, autoDelete: true, arguments: quorum));
        Refused(
            "PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_quorum_queue",
            () => _bench.State.DecideQueueDeclare(
                new QueueDeclaration("/", "amq.gen-1", true, false, false, Table(quorum), ServerNamed: true), 1, Me));

        _bench.Queue("q", durable: true, arguments: quorum);
        Assert.Equal(QueueArguments.QuorumDeliveryLimit, _bench.State.FindQueue("/", "q")!.Arguments.DeliveryLimit);
        Refused(
            $"{Inequivalent} 'x-queue-type' {Where} none but current is the value 'quorum' of type 'longstr'",
            () => _bench.Queue("q", durable: true));
    }
}
