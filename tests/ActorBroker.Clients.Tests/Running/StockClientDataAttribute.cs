using System.Reflection;
using Xunit.Sdk;

namespace ActorBroker.Clients.Tests.Running;

/// <summary>One row of a theory: the name of a stock client. Skipped with the reason where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class StockClientDataAttribute : DataAttribute
{
    private readonly string _client;

    /// <param name="client">Name of one of the stock clients.</param>
    public StockClientDataAttribute(string client)
    {
        _client = client;
        Skip = StockClient.Named(client).WhyMissing;
    }

    /// <inheritdoc />
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[_client]];
}

/// <summary>A test that needs one or several stock clients. Skipped with the reason where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StockClientFactAttribute : FactAttribute
{
    /// <param name="clients">Names of stock clients.</param>
    public StockClientFactAttribute(params string[] clients)
    {
        var reasons = clients.Select(client => StockClient.Named(client).WhyMissing);
        Skip = reasons.FirstOrDefault(reason => reason is not null);
    }
}
