using ActorBroker.Stores;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>What lies under a test's broker while it is down, for as long as the test runs.</summary>
internal sealed class OpenedStore : IDisposable
{
    private readonly IDisposable? _keeper;
    private readonly string? _temporary;

    public OpenedStore(TestStore store)
    {
        if (store.IsMemory)
        {
            var name = $"testkit-{Guid.NewGuid():N}";
            _keeper = BrokerStore.KeepMemory(name);
            Settings = $$"""actor-broker.store { kind = memory, memory-name = "{{name}}" }""";
        }
        else if (store.Directory is { } directory)
        {
            if (directory.Length == 0)
            {
                directory = _temporary = Directory.CreateTempSubdirectory("actorbroker-testkit-").FullName;
            }

            var quoted = directory.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            Settings = $$"""actor-broker { data-dir = "{{quoted}}", store.kind = sqlite }""";
        }
    }

    /// <summary>HOCON; empty when nothing is kept.</summary>
    public string Settings { get; } = "";

    public void Dispose()
    {
        _keeper?.Dispose();
        if (_temporary is not null && Directory.Exists(_temporary)) // a broker may be ended more than once
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
