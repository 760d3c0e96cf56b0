namespace ActorBroker.Core.Exchanges;

/// <summary>Finds the queues a message goes to.</summary>
internal static class Router
{
    /// <summary>
    /// Follows bindings from exchange to exchange, each exchange once, and collects each queue once. An exchange that
    /// matches nothing hands the message to its alternate exchange; one that does not exist is passed over.
    /// </summary>
    /// <param name="start">The exchange that was published to.</param>
    /// <param name="input">What of the message decides.</param>
    /// <param name="directory">Finds the queues of the default exchange, and alternate exchanges.</param>
    /// <param name="result">
    /// Cleared first, then filled; given up where its <see cref="RouteResult.Budget"/> ends.
    /// </param>
    public static void Route(
        ExchangeAddress start, in RoutingInput input, IExchangeDirectory directory, RouteResult result)
    {
        result.Clear();
        RouteThrough(start, input, directory, result);
        if (result.Matched && result.Exchanges.Count == 0)
        {
            return; // the everyday case: queues and nothing else
        }

        FollowExchanges(start, input, directory, result);
    }

    private static void FollowExchanges(
        ExchangeAddress start, in RoutingInput input, IExchangeDirectory directory, RouteResult result)
    {
        var exchanges = result.Exchanges;
        exchanges.Add(start); // so that a cycle back to it adds nothing
        HandToAlternate(start, directory, result);
        for (var i = 0; i < exchanges.Count && result.IsComplete; i++)
        {
            var exchange = exchanges[i];
            if (ReferenceEquals(exchange, start))
            {
                continue;
            }

            result.Passed.Add(new PassedExchange(exchange, exchange.Version)); // before it is looked at
            result.Matched = false;
            RouteThrough(exchange, input, directory, result);
            HandToAlternate(exchange, directory, result);
        }
    }

    private static void HandToAlternate(ExchangeAddress exchange, IExchangeDirectory directory, RouteResult result)
    {
        if (result.Matched || exchange.AlternateExchangeBytes is not { } name)
        {
            return;
        }

        if (directory.FindExchange(name) is { } alternate)
        {
            result.Exchanges.Add(alternate);
        }
        else
        {
            result.DependsOnNames = true;
        }
    }

    private static void RouteThrough(
        ExchangeAddress exchange, in RoutingInput input, IExchangeDirectory directory, RouteResult result)
    {
        var copies = input.Copies;
        Match(exchange, input.RoutingKey, input.Headers, directory, result);
        if (copies.IsEmpty || !exchange.Table.LooksAtRoutingKey)
        {
            return;
        }

        foreach (var key in copies)
        {
            if (!result.Spend(1))
            {
                return;
            }

            Match(exchange, key, input.Headers, directory, result);
        }
    }

    private static void Match(
        ExchangeAddress exchange,
        ReadOnlySpan<byte> routingKey,
        ReadOnlySpan<byte> headers,
        IExchangeDirectory directory,
        RouteResult result)
    {
        if (!exchange.IsDefault)
        {
            exchange.Table.Match(routingKey, headers, result);
            return;
        }

        result.DependsOnNames = true;
        if (directory.FindQueue(routingKey) is { } queue)
        {
            result.Add(queue);
        }
    }
}
