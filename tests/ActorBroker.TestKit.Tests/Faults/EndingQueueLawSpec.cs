namespace ActorBroker.TestKit.Tests.Faults;

/// <summary>
/// The law of queues that come and go: in any order of publishes, deletes, declares and gets, with commits that come at any time, what was
/// confirmed and not returned is received or was in the queue when it was deleted; what was returned never is; and all in order.
/// </summary>
public sealed class EndingQueueLawSpec() : BrokerTestKit(journaled: true)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Nothing_is_swallowed(int seed)
    {
        var random = new Random(seed);
        var publishes = new List<Task<PublishResult>>();
        var gets = new List<Task<Delivery?>>();
        var others = new List<Task>();
        var gone = 0; // went with their queue
        var held = false;
        for (var step = 0; step < 120; step++)
        {
            switch (random.Next(10))
            {
                case 0 or 1 or 2 or 3:
                    publishes.Add(Broker.Client.PublishAsync("", "q", BitConverter.GetBytes(publishes.Count), mandatory: true));
                    break;
                case 4:
                    others.Add(Quiet(Broker.Client.DeleteQueueAsync("q", ifEmpty: true)));
                    break;
                case 5 when random.Next(3) == 0:
                    others.Add(Count(Broker.Client.DeleteQueueAsync("q")));
                    break;
                case 5 or 6:
                    others.Add(Broker.Client.DeclareQueueAsync("q", new QueueOptions { Durable = random.Next(4) > 0 }).ContinueWith(_ => { }, TaskScheduler.Default));
                    break;
                case 7:
                    gets.Add(Broker.Client.GetAsync("q", autoAck: true));
                    break;
                case 8 when held:
                    Broker.Store.Release();
                    held = false;
                    break;
                case 8:
                    Broker.Store.HoldWrites();
                    held = true;
                    break;
                default:
                    await Clock.AtRestAsync();
                    break;
            }
        }

        Broker.Store.Release();
        await Task.WhenAll(others).WaitAsync(TimeSpan.FromSeconds(20));
        var results = await Task.WhenAll(publishes).WaitAsync(TimeSpan.FromSeconds(20));
        var received = new List<int>();
        foreach (var get in gets)
        {
            if (await get.ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : null, TaskScheduler.Default) is { } got)
            {
                received.Add(BitConverter.ToInt32(got.Body.Span));
            }
        }

        while (await Broker.Queue("q").DepthAsync() > 0)
        {
            received.Add(BitConverter.ToInt32((await Broker.Get("q", autoAck: true))!.Body.Span));
        }

        Assert.Equal(received.Order(), received);
        Assert.Equal(received.Distinct(), received);
        Assert.All(received, n => Assert.Equal(PublishResult.Confirmed, results[n]));
        Assert.Equal(results.Count(r => r == PublishResult.Confirmed), received.Count + gone);

        async Task Count(Task<int> delete) => Interlocked.Add(ref gone, await delete);

        static Task Quiet(Task<int> delete) => delete.ContinueWith(_ => { }, TaskScheduler.Default); // 406 is an answer, too
    }
}
