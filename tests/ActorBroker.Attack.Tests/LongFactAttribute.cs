namespace ActorBroker.Attack.Tests;

/// <summary>An attack that is not part of the daily tests yet, since the broker does not stand it each time: says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    /// <param name="why">What is still wrong.</param>
    public LongFactAttribute(string why)
    {
        if (Environment.GetEnvironmentVariable(AttackSpec.Variable) is null)
        {
            Skip = $"only with {AttackSpec.Variable}: {why}";
        }
    }
}
