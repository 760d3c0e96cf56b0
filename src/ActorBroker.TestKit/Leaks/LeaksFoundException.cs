namespace ActorBroker.TestKit.Leaks;

/// <summary>A test has left something behind.</summary>
/// <param name="leaks">One line each.</param>
public sealed class LeaksFoundException(IReadOnlyList<string> leaks)
    : Exception($"the test left behind:{Environment.NewLine}{string.Join(Environment.NewLine, leaks.Select(l => $"- {l}"))}")
{
    /// <summary>One line each: what, where, how many.</summary>
    public IReadOnlyList<string> Leaks { get; } = leaks;
}
