using ActorBroker.Configuration;
using Akka.Configuration;

namespace ActorBroker.Tests.Configuration;

/// <summary>A misspelt setting is refused with the nearest right one.</summary>
public sealed class SettingNamesSpec
{
    [Theory]
    [InlineData("actor-broker.amqp.max-conections = 5", "actor-broker.amqp.max-conections is not a setting; did you mean max-connections?")]
    [InlineData("actor-broker.users.guest.enabeld = off", "actor-broker.users.guest.enabeld is not a setting; did you mean enabled?")]
    [InlineData("actor-broker.users.alice { password = a, passwrd = b }", "actor-broker.users.alice.passwrd is not a setting; did you mean password?")]
    [InlineData("actor-broker.users.guest.permissions.\"/\".wirte = a", "actor-broker.users.guest.permissions.\"/\".wirte is not a setting; did you mean write?")]
    [InlineData(
        "actor-broker.users.guest.topic-permissions.\"/\".t.reed = a",
        "actor-broker.users.guest.topic-permissions.\"/\".t.reed is not a setting; did you mean read?")]
    [InlineData("actor-broker.stroe.kind = none", "actor-broker.stroe is not a setting; did you mean store?")]
    [InlineData("actor-broker.max-connections = 5", "actor-broker.max-connections is not a setting; did you mean actor-broker.amqp.max-connections?")]
    [InlineData("actor-broker.memory.heartbeat = 5s", "actor-broker.memory.heartbeat is not a setting; did you mean actor-broker.amqp.heartbeat?")]
    [InlineData("actor-broker.amqp.tls.certificate.file = a", "actor-broker.amqp.tls.certificate.file is not a setting; it has nothing below it")]
    [InlineData(
        "actor-broker.store.sqlite.zzzzzz = 1",
        "actor-broker.store.sqlite.zzzzzz is not a setting; it must be one of cache, wal-autocheckpoint")]
    [InlineData("actor-broker.server.inline = on", "actor-broker.server.inline is not a setting; it must be one of inline-socket-completions")]
    public void Is_refused_with_the_nearest_right_one(string setting, string expected) => Assert.Equal(expected, Refused(setting));

    [Fact]
    public void All_of_them_are_told_at_once_from_whatever_layer()
    {
        var lower = ConfigurationFactory.ParseString("actor-broker.amqp.hartbeat = 5s").WithFallback(ActorBrokerReference.Config);
        var root = ConfigurationFactory.ParseString("actor-broker.memory.qeue = 1MiB").WithFallback(lower);
        var message = Assert.Throws<ConfigurationException>(() => BrokerSettings.From(root)).Message;
        Assert.Contains("actor-broker.amqp.hartbeat is not a setting; did you mean heartbeat?", message);
        Assert.Contains("actor-broker.memory.qeue is not a setting; did you mean queue?", message);
    }

    [Theory]
    [InlineData("akka.whatever = 1, foreign.block.key = 2")] // not ours
    [InlineData("actor-broker.more-vhosts { \"a/b c\" = on }")]
    [InlineData("actor-broker.users { \"a.b\" { password = x, tags = [a], loopback-only = off, permissions { \"/\" { read = a } } } }")]
    [InlineData("actor-broker.hot-dispatcher { executor = default-executor, fork-join-executor.parallelism-min = 1 }")]
    [InlineData("actor-broker.server.inline-socket-completions = off")]
    public void What_is_right_or_foreign_is_let_in(string settings) =>
        BrokerSettings.From(ConfigurationFactory.ParseString(settings).WithFallback(ActorBrokerReference.Config));

    private static string Refused(string setting) => Assert.Throws<ConfigurationException>(
        () => BrokerSettings.From(ConfigurationFactory.ParseString(setting).WithFallback(ActorBrokerReference.Config))).Message;
}
