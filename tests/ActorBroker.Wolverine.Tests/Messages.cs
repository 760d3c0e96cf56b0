namespace ActorBroker.Wolverine.Tests;

/// <summary>Work for a queue.</summary>
public sealed record ShipOrder(int Number);

/// <summary>A question, and its answer.</summary>
public sealed record PriceOf(string Article);

/// <summary>The answer to <see cref="PriceOf"/>.</summary>
public sealed record Price(string Article, int Amount);
