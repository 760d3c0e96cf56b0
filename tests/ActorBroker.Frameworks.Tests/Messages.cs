namespace ActorBroker.Frameworks.Tests;

/// <summary>Something happened: for every subscriber.</summary>
public sealed record OrderPlaced(int Number);

/// <summary>Work that goes wrong a few times.</summary>
public sealed record ReserveStock(int Number);

/// <summary>Work that always goes wrong.</summary>
public sealed record ChargeCard(int Number);

/// <summary>A question, and its answer.</summary>
public sealed record PriceOf(string Article);

/// <summary>The answer to <see cref="PriceOf"/>.</summary>
public sealed record Price(string Article, decimal Amount);
