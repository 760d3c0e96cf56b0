using ActorBroker.Tests.Shared;

namespace ActorBroker.Wolverine.Tests;

/// <summary>Found by the framework through its method names. Shipment 13 fails the first time.</summary>
public sealed class Handlers(Handled<int> inbox)
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
