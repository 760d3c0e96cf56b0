using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Queues;
using ActorBroker.Core.Topology;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>Every text here was answered by RabbitMQ 3.10.8.</summary>
public sealed class ConsumerArgumentsSpec
{
    private const string Subject = "queue 'q' in vhost '/'";

    public static TheoryData<string, object?, bool, string> Refusals => new()
    {
        { "x-priority", "a", false, ": \"expected integer, got longstr\"" },
        { "x-priority", true, true, ": \"expected integer, got bool\"" },
        { "x-stream-offset", "first", false, " of queue type rabbit_classic_queue" },
        { "x-stream-offset", 5, false, " of queue type rabbit_classic_queue" },
        { "x-stream-offset", new AmqpTimestamp(1), false, " of queue type rabbit_classic_queue" },
        { "x-stream-offset", "zz", true, " of queue type rabbit_quorum_queue" },
        { "x-cancel-on-ha-failover", "a", false, ": {unacceptable_type,longstr}" },
        { "x-cancel-on-ha-failover", 3, false, ": {unacceptable_type,signedint}" },
        { "x-cancel-on-ha-failover", true, true, " of queue type rabbit_quorum_queue" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refuses_what_the_queue_does_not_have_or_cannot_read(string name, object? value, bool quorum, string why) => Refused(
        $"PRECONDITION_FAILED - invalid arg '{name}' for {Subject}{why}", () => Read(quorum, (name, value)));

    [Fact]
    public void Tells_of_a_wrong_priority_first() => Refused(
        $"PRECONDITION_FAILED - invalid arg 'x-priority' for {Subject}: \"expected integer, got longstr\"",
        () => Read(false, ("x-stream-offset", "first"), ("x-priority", "a")));

    [Fact]
    public void Reads_the_priority_and_passes_over_what_it_does_not_know()
    {
        Assert.Equal(0, ConsumerArguments.Priority(FieldTable.Empty, QueueType.Classic, Subject));
        Assert.Equal(-5, Read(false, ("x-priority", -5), ("x-cancel-on-ha-failover", true)));
        Assert.Equal(int.MaxValue, Read(true, ("x-priority", 1L << 40), ("x-consumer-timeout", "a"), ("x-unknown", 1)));
    }

    private static int Read(bool quorum, params (string, object?)[] arguments) =>
        ConsumerArguments.Priority(Table(arguments), quorum ? QueueType.Quorum : QueueType.Classic, Subject);
}
