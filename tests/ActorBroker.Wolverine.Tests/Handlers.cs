using System.Collections.Concurrent;

namespace ActorBroker.Wolverine.Tests;

/// <summary>What handlers have seen.</summary>
public sealed class Inbox
{
    private readonly BlockingCollection<int> _items = [];

    public void Add(int item) => _items.Add(item);

    /// <summary>The next <paramref name="count"/> items; fails when one takes longer than the limit.</summary>
    public Task<int[]> TakeAsync(int count, TimeSpan limit) => Task.Run(() =>
    {
        var taken = new int[count];
        for (var index = 0; index < count; index++)
        {
            Assert.True(_items.TryTake(out taken[index], limit), $"waited {limit} for item {index + 1} of {count}");
        }

        return taken;
    });
}

/// <summary>Found by the framework through its method names. Shipment 13 fails the first time.</summary>
public sealed class Handlers(Inbox inbox)
{
    private static int s_unlucky;

    public void Handle(ShipOrder order)
    {
        if (order.Number == 13 && Interlocked.Exchange(ref s_unlucky, 1) == 0)
        {
            throw new InvalidOperationException("not yet");
        }

        inbox.Add(order.Number);
    }

    public Price Handle(PriceOf question) => new(question.Article, question.Article.Length);
}
