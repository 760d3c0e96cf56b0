using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>A message on its way from queue to queue is in one of them, whenever the server dies.</summary>
public sealed class DeadLetterSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    private const int Messages = 300;

    [Theory]
    [InlineData(20)]
    [InlineData(150)]
    [InlineData(Messages)]
    public async Task A_kill_amid_rejections_loses_no_message(int rejected)
    {
        var (queue, dead) = await QueueWithDeadLetters();
        await Send(queue, Numbers(Messages));
        var inbox = await Consume(queue);
        foreach (var delivery in await inbox.Take(rejected))
        {
            await inbox.Reject(delivery);
        }

        await Restart(Ending.Kill);

        var inSource = await Bodies(queue);
        var inTarget = await Drain(dead);
        Assert.Equal(Numbers(Messages).Order(), inSource.Union(inTarget.Select(d => d.Body)).Order());
        Assert.All(inTarget, d => TellsOfOneRejection(d, queue));
    }

    [Fact]
    public async Task Dead_letters_and_their_story_survive_a_kill()
    {
        var (queue, dead) = await QueueWithDeadLetters();
        await Send(queue, Numbers(20));
        var inbox = await Consume(queue);
        foreach (var delivery in await inbox.Take(20))
        {
            await inbox.Reject(delivery);
        }

        await Waiting.Until("all are in the dead-letter queue", async () => await Depth(dead) == 20);
        await Send(dead, "later");
        await Restart(Ending.Kill);

        var letters = await Drain(dead);
        Assert.Equal([.. Numbers(20), "later"], letters.Select(d => d.Body).Distinct());
        Assert.All(letters.Where(d => d.Body != "later"), d => TellsOfOneRejection(d, queue));
    }

    [Fact]
    public async Task Messages_that_expire_in_a_chain_of_queues_arrive_at_its_end_across_a_kill()
    {
        var end = await Queue("end");
        var middle = await Queue(
            "middle", ("x-message-ttl", 1000), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", end));
        var start = await Queue(
            "start", ("x-message-ttl", 500), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", middle));
        await Send(start, Numbers(100));
        await Waiting.Until("they move on", async () => await Depth(start) == 0);

        await Restart(Ending.Kill);

        var arrived = new HashSet<string>();
        await Waiting.Until("all are at the end", async () =>
        {
            arrived.UnionWith(await Bodies(end));
            return arrived.Count == 100;
        });
    }

    private static void TellsOfOneRejection(Delivery letter, string queue)
    {
        var death = (Dictionary<string, object?>)Assert.Single((List<object?>)letter.Value("x-death")!)!;
        Assert.Equal((1L, "rejected", (string?)queue), (death["count"], Delivery.Text(death["reason"]), Delivery.Text(death["queue"])));
        Assert.Equal(queue, letter.Header("x-first-death-queue"));
    }

    private async Task<(string Queue, string Dead)> QueueWithDeadLetters()
    {
        var dead = await Queue("dead");
        var queue = await Queue("source", ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", dead));
        return (queue, dead);
    }
}
