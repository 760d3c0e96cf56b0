using ActorBroker.Configuration;
using ActorBroker.Listener.Configuration;
using Akka.Configuration;

namespace ActorBroker.Tests.Configuration;

/// <summary>Settings have ranges; an error names the full key, the value and what is allowed.</summary>
public sealed class BrokerSettingsSpec
{
    [Fact]
    public void The_defaults_are_good()
    {
        var settings = BrokerSettings.From(ActorBrokerReference.Config);
        Assert.Equal(["/"], settings.VirtualHosts);
        Assert.Equal("guest", Assert.Single(settings.Users).Name);
        Assert.False(settings.StrictDurabilityBinding);
        Assert.False(settings.TrimWhenIdle);
        Assert.InRange(settings.MemoryWatermark, 16 << 20, long.MaxValue - 1);
        Assert.Equal(TimeSpan.FromMilliseconds(500), settings.MemoryInterval);

        var listener = ListenerSettings.From(ActorBrokerReference.Config);
        Assert.Equal((2047, 131_072u, TimeSpan.FromSeconds(60)), (listener.ChannelMax, listener.FrameMax, listener.Heartbeat));
        Assert.Equal((int.MaxValue, 128 << 20, 8L << 20), (listener.MaxConnections, listener.MaxMessageSize, listener.MaxInFlight));
        Assert.Null(listener.Tls);
    }

    [Theory]
    [InlineData("actor-broker.memory.check-interval = 49ms", "0.05s to 60s")]
    [InlineData("actor-broker.memory.check-interval = 61s", "0.05s to 60s")]
    [InlineData("actor-broker.memory.check-interval = soon", "0.05s to 60s")]
    [InlineData("actor-broker.memory.high-watermark = 0%", "1% to 100%")]
    [InlineData("actor-broker.memory.high-watermark = 101%", "1% to 100%")]
    [InlineData("actor-broker.memory.high-watermark = most%", "1% to 100%")]
    [InlineData("actor-broker.memory.high-watermark = 15MiB", "16777216")]
    [InlineData("actor-broker.memory.high-watermark = lots", "16777216")]
    [InlineData("actor-broker.memory.trim-when-idle = 1", "on or off")]
    [InlineData("actor-broker.amqp.strict-durability-binding = perhaps", "on or off")]
    public void A_setting_out_of_range_is_named_with_its_value_and_its_range(string setting, string range) =>
        Refused(setting, range, c => BrokerSettings.From(c));

    [Theory]
    [InlineData("actor-broker.amqp.channel-max = 0", "1 to 65535")]
    [InlineData("actor-broker.amqp.channel-max = 65536", "1 to 65535")]
    [InlineData("actor-broker.amqp.channel-max = many", "1 to 65535")]
    [InlineData("actor-broker.amqp.channel-max = 1.5", "1 to 65535")]
    [InlineData("actor-broker.amqp.channel-max = off", "1 to 65535")]
    [InlineData("actor-broker.amqp.frame-max = 4095", "4096 to 16777216")]
    [InlineData("actor-broker.amqp.frame-max = 17MiB", "4096 to 16777216")]
    [InlineData("actor-broker.amqp.frame-max = wide", "4096 to 16777216")]
    [InlineData("actor-broker.amqp.frame-max = -1", "4096 to 16777216")]
    [InlineData("actor-broker.amqp.heartbeat = 65536s", "0s to 65535s")]
    [InlineData("actor-broker.amqp.heartbeat = -1s", "0s to 65535s")]
    [InlineData("actor-broker.amqp.heartbeat = infinite", "0s to 65535s")]
    [InlineData("actor-broker.amqp.handshake-timeout = 999ms", "1s to 600s")]
    [InlineData("actor-broker.amqp.handshake-timeout = 11m", "1s to 600s")]
    [InlineData("actor-broker.amqp.max-connections = 0", "or off")]
    [InlineData("actor-broker.amqp.max-connections = -5", "or off")]
    [InlineData("actor-broker.amqp.max-message-size = 1023", "1024 to 536870912")]
    [InlineData("actor-broker.amqp.max-message-size = 513MiB", "1024 to 536870912")]
    [InlineData("actor-broker.amqp.max-in-flight = 63KiB", "65536 to 4294967296")]
    [InlineData("actor-broker.amqp.max-in-flight = 5GiB", "65536 to 4294967296")]
    [InlineData("actor-broker.amqp.client-flow = maybe", "on or off")]
    [InlineData("actor-broker.amqp.recover-without-requeue = maybe", "on or off")]
    [InlineData("actor-broker.amqp.tls.require-client-certificate = maybe", "on or off")]
    [InlineData("actor-broker.amqp.listen = nowhere", "HOST:PORT")]
    [InlineData("actor-broker.amqp.listen = \"127.0.0.1:65536\"", "HOST:PORT")]
    [InlineData("actor-broker.amqp.tls.certificate = /nowhere/at/all.pem", "no such file")]
    public void A_setting_of_the_listener_out_of_range_is_named_with_its_value_and_its_range(string setting, string range) =>
        Refused(setting, range, c => ListenerSettings.From(c));

    [Theory]
    [InlineData("actor-broker.memory.check-interval = 50ms")]
    [InlineData("actor-broker.memory.check-interval = 1m")]
    [InlineData("actor-broker.memory.high-watermark = 1%")]
    [InlineData("actor-broker.memory.high-watermark = 100%")]
    [InlineData("actor-broker.memory.high-watermark = 16MiB")]
    [InlineData("actor-broker.memory.high-watermark = off")]
    [InlineData("actor-broker.memory.high-watermark = 4GiB")]
    [InlineData("actor-broker.amqp.channel-max = 1")]
    [InlineData("actor-broker.amqp.channel-max = 65535")]
    [InlineData("actor-broker.amqp.frame-max = 4KiB")]
    [InlineData("actor-broker.amqp.frame-max = 16MiB")]
    [InlineData("actor-broker.amqp.heartbeat = 0s")]
    [InlineData("actor-broker.amqp.heartbeat = 65535s")]
    [InlineData("actor-broker.amqp.handshake-timeout = 1s")]
    [InlineData("actor-broker.amqp.handshake-timeout = 10m")]
    [InlineData("actor-broker.amqp.max-connections = 1")]
    [InlineData("actor-broker.amqp.max-connections = off")]
    [InlineData("actor-broker.amqp.max-message-size = 1KiB")]
    [InlineData("actor-broker.amqp.max-message-size = 512MiB")]
    [InlineData("actor-broker.amqp.max-in-flight = 64KiB")]
    [InlineData("actor-broker.amqp.max-in-flight = 4GiB")]
    [InlineData("actor-broker.amqp.listen = \"*:0\"")]
    [InlineData("actor-broker.vhosts = \"a, b\"")]
    public void The_ends_of_the_ranges_are_good(string setting)
    {
        var config = Config(setting);
        BrokerSettings.From(config);
        ListenerSettings.From(config);
    }

    [Fact]
    public void Off_is_no_limit()
    {
        Assert.Equal(long.MaxValue, BrokerSettings.From(Config("actor-broker.memory.high-watermark = off")).MemoryWatermark);
        Assert.Equal(int.MaxValue, ListenerSettings.From(Config("actor-broker.amqp.max-connections = off")).MaxConnections);
    }

    [Theory]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("off", long.MaxValue)]
    public void A_watermark_that_an_operator_says_is_read_like_the_setting(string text, long expected)
    {
        Assert.Equal(expected, MemoryWatermark.Parse(text));
        Assert.Equal(MemoryWatermark.Parse("40%"), BrokerSettings.From(Config("actor-broker.memory.high-watermark = 40%")).MemoryWatermark);
        var error = Assert.Throws<ConfigurationException>(() => MemoryWatermark.Parse("lots\n{"));
        Assert.Contains("actor-broker.memory.high-watermark", error.Message);
        Assert.Throws<ConfigurationException>(() => MemoryWatermark.Parse("0%"));
    }

    [Theory]
    [InlineData("""["/", "a b", "c"]""", "/|a b|c")]
    [InlineData("\"a,b , a\"", "a|b")]
    [InlineData("one", "one")]
    public void Virtual_hosts_are_a_list_or_a_text_with_commas(string value, string expected) =>
        Assert.Equal(expected, string.Join("|", BrokerSettings.From(Config($"actor-broker.vhosts = {value}\nactor-broker.users.guest.enabled = off")).VirtualHosts));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"\"")]
    public void There_is_at_least_one_virtual_host(string value)
    {
        var error = Assert.Throws<ConfigurationException>(() => BrokerSettings.From(Config($"actor-broker.vhosts = {value}")));
        Assert.StartsWith("actor-broker.vhosts", error.Message);
    }

    [Fact]
    public void Without_the_reference_the_error_says_so()
    {
        var error = Assert.Throws<ConfigurationException>(() => BrokerSettings.From(ConfigurationFactory.ParseString("a = 1")));
        Assert.Contains("actor-broker", error.Message);
        Assert.Contains("reference.conf", error.Message);
    }

    private static void Refused(string setting, string range, Action<Config> read)
    {
        var (key, value) = (setting.Split('=')[0].Trim(), setting.Split('=')[1].Trim().Trim('"'));
        var error = Assert.Throws<ConfigurationException>(() => read(Config(setting)));
        Assert.StartsWith($"{key} = {value}: ", error.Message);
        Assert.Contains(range, error.Message);
    }

    private static Config Config(string setting)
    {
        var value = setting[(setting.IndexOf('=') + 1)..].Trim();
        var quoted = value is ['"', ..] or ['[', ..] || setting.Contains('\n') ? setting : $"{setting.Split('=')[0]} = \"{value}\"";
        var own = ConfigurationFactory.ParseString(quoted);
        return setting.StartsWith("actor-broker.vhosts", StringComparison.Ordinal) && !setting.Contains("guest")
            ? own.WithFallback(ConfigurationFactory.ParseString("actor-broker.users.guest.enabled = off")).WithFallback(ActorBrokerReference.Config)
            : own.WithFallback(ActorBrokerReference.Config);
    }
}
