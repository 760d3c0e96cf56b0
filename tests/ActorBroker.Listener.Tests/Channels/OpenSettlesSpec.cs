using ActorBroker.Addresses;
using ActorBroker.Core.Queues;
using ActorBroker.Listener.Channels;
using Akka.TestKit.Xunit2;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Verdicts of one turn: one message for each queue, at the same cost however many queues there are.</summary>
public sealed class OpenSettlesSpec : TestKit
{
    private readonly OpenSettles _settles = new();

    [Theory]
    [InlineData("in the order of the queues")]
    [InlineData("against it")]
    [InlineData("across")]
    public void The_cost_of_a_verdict_does_not_grow_with_the_number_of_queues(string order)
    {
        var (few, many) = (LooksPerVerdict(500), LooksPerVerdict(8_000));
        Assert.InRange(few, 0, 3);
        Assert.InRange(many, 0, few * 1.1);

        double LooksPerVerdict(int queues)
        {
            var settles = new OpenSettles();
            var handles = Enumerable.Range(0, queues).Select(i => QueueHandle.ForReplies("/", $"q{i}")).ToArray();
            for (var i = 0; i < queues * 4; i++)
            {
                var at = i % queues;
                settles.For(handles[order switch { "against it" => queues - 1 - at, "across" => at * 7 % queues, _ => at }]);
            }

            return (double)settles.Looks / (queues * 4);
        }
    }

    [Fact]
    public void Each_queue_gets_one_message_with_its_verdicts_in_order()
    {
        const int Queues = 40;
        var probes = Enumerable.Range(0, Queues).Select(_ => CreateTestProbe()).ToArray();
        var links = probes.Select((probe, i) =>
        {
            var queue = QueueHandle.ForReplies("/", $"q{i}");
            queue.ServedBy(probe.Ref);
            return new ConsumerLink(queue, null!, "", noAck: false, exclusive: false, 0, 0, getsOnly: true, gate: null);
        }).ToArray();
        for (var turn = 0; turn < 2; turn++)
        {
            for (var i = 0; i < Queues * 3; i++)
            {
                var link = links[i * 11 % Queues];
                _settles.For(link.Queue).Add(link, (turn * 3) + (i / Queues) + 1, Outcome.Ack);
            }

            _settles.TellQueues();
            foreach (var (probe, link) in probes.Zip(links))
            {
                var settle = probe.ExpectMsg<QueueProtocol.Settle>();
                Assert.Same(link.Queue, settle.Queue);
                var (_, from, to, _) = Assert.Single(settle.Ranges.ToArray());
                Assert.Equal(((turn * 3) + 1, (turn * 3) + 3), (from, to));
                probe.ExpectNoMsg(TimeSpan.Zero);
            }
        }
    }
}
