using ActorBroker.Configuration;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Tests.Stores;

/// <summary>Settings of the store have ranges; an error names the full key, the value and what is allowed.</summary>
public sealed class StoreSettingsSpec
{
    [Fact]
    public void The_defaults_are_good() => Assert.Equal(
        new StoreSettings(StoreKind.None, "", "", "actorbroker", 8, "", 4000, 16 << 20, default, 16 << 20), StoreSettings.From(ActorBrokerReference.Config));

    [Theory]
    [InlineData("data-dir = /somewhere", StoreKind.Sqlite)]
    [InlineData("data-dir = /somewhere\nstore.kind = none", StoreKind.None)]
    [InlineData("data-dir = /somewhere\nstore.kind = sqlite", StoreKind.Sqlite)]
    [InlineData("store.kind = memory", StoreKind.Memory)]
    [InlineData("data-dir = /somewhere\nstore.kind = postgresql\nstore.connection-string = \"Host=db\"", StoreKind.PostgreSql)]
    public void The_kind_follows_from_the_directory_unless_it_is_set(string settings, object kind) =>
        Assert.Equal((StoreKind)kind, From(settings).Kind);

    [Theory]
    [InlineData("store.kind = mysql", "actor-broker.store.kind = mysql: must be auto, none, sqlite, postgresql or memory")]
    [InlineData("store.kind = sqlite", "actor-broker.store.kind = sqlite: needs actor-broker.data-dir")]
    [InlineData("store.kind = postgresql", "actor-broker.store.kind = postgresql: needs actor-broker.store.connection-string")]
    [InlineData("store.queue-groups = 0", "actor-broker.store.queue-groups = 0: must be a whole number from 1 to 256")]
    [InlineData("store.queue-groups = 257", "actor-broker.store.queue-groups = 257: must be a whole number from 1 to 256")]
    [InlineData("store.sqlite.wal-autocheckpoint = 99", "actor-broker.store.sqlite.wal-autocheckpoint = 99: must be a whole number from 100 to 1000000")]
    [InlineData("store.sqlite.cache = 1KiB", "actor-broker.store.sqlite.cache = 1KiB: must be a size from")]
    [InlineData("store.kind = postgresql\nstore.connection-string = x\nstore.schema = \"a;b\"", "actor-broker.store.schema = a;b: must be 1 to 63 lower-case")]
    public void A_bad_value_is_named_with_its_key_and_what_is_allowed(string settings, string error) =>
        Assert.Contains(error, Assert.Throws<ConfigurationException>(() => From(settings)).Message);

    private static StoreSettings From(string settings) => StoreSettings.From(Broker.ConfigOf(ConfigurationFactory.ParseString(
        string.Join('\n', settings.Split('\n').Select(s => $"actor-broker.{s}")))));
}
