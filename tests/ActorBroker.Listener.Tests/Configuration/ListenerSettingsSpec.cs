using System.Net;
using ActorBroker.Listener.Configuration;
using Akka.Configuration;

namespace ActorBroker.Listener.Tests.Configuration;

/// <summary>Every setting of the listener: its default, its edges, and an error that says all one needs to mend it.</summary>
public sealed class ListenerSettingsSpec
{
    [Fact]
    public void The_defaults_are_those_of_reference_conf()
    {
        var settings = Read("");

        Assert.Equal([new Endpoint(IPAddress.Loopback, 5672, false)], settings.Listen);
        Assert.Null(settings.Tls);
        Assert.Equal((ushort)2047, settings.ChannelMax);
        Assert.Equal(131072u, settings.FrameMax);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.Heartbeat);
        Assert.Equal(TimeSpan.FromSeconds(10), settings.HandshakeTimeout);
        Assert.Equal(int.MaxValue, settings.MaxConnections);
        Assert.Equal(128 << 20, settings.MaxMessageSize);
        Assert.Equal(8 << 20, settings.MaxInFlight);
        Assert.False(settings.ClientFlow);
        Assert.False(settings.RecoverWithoutRequeue);
        Assert.Equal("ActorBroker", settings.Product);
        Assert.Equal(DoorSettings.Default, settings.Door);
    }

    [Theory]
    [InlineData("listen = [\"127.0.0.1:1\", \"[::1]:2\"]")]
    [InlineData("listen = \"127.0.0.1:1, [::1]:2\"")] // as an environment variable writes a list
    public void A_list_of_endpoints_may_be_written_with_commas(string line) =>
        Assert.Equal(["amqp://127.0.0.1:1", "amqp://[::1]:2"], Read(line).Listen.Select(e => e.ToString()));

    [Theory]
    [InlineData("channel-max = 1")]
    [InlineData("channel-max = 65535")]
    [InlineData("frame-max = 4KiB")]
    [InlineData("frame-max = 4096")]
    [InlineData("frame-max = 16MiB")]
    [InlineData("heartbeat = 0s")]
    [InlineData("heartbeat = 65535s")]
    [InlineData("handshake-timeout = 1s")]
    [InlineData("handshake-timeout = 10m")]
    [InlineData("max-connections = 1")]
    [InlineData("max-connections = off")]
    [InlineData("max-handshakes = 1")]
    [InlineData("max-handshakes = 100000")]
    [InlineData("refused-login-delay = 0s")]
    [InlineData("refused-login-delay = 60s")]
    [InlineData("max-message-size = 1KiB")]
    [InlineData("max-message-size = 512MiB")]
    [InlineData("max-in-flight = 64KiB")]
    [InlineData("max-in-flight = 4GiB")]
    [InlineData("client-flow = on")]
    [InlineData("recover-without-requeue = true")]
    public void The_edges_of_each_range_are_allowed(string line) => Assert.NotNull(Read(line));

    [Theory]
    [InlineData("max-handshakes = 0", "max-handshakes = 0: must be a whole number from 1 to 100000")]
    [InlineData("refused-login-delay = 61s", "refused-login-delay = 61s: must be a time from 0s to 60s, such as 500ms, 30s or 5m")]
    [InlineData("channel-max = 0", "channel-max = 0: must be a whole number from 1 to 65535")]
    [InlineData("channel-max = 65536", "channel-max = 65536: must be a whole number from 1 to 65535")]
    [InlineData("channel-max = off", "channel-max = off: must be a whole number from 1 to 65535")]
    [InlineData("channel-max = many", "channel-max = many: must be a whole number from 1 to 65535")]
    [InlineData("frame-max = 4095", "frame-max = 4095: must be a size from 4096 to 16777216 bytes, such as 64KiB or 16MiB")]
    [InlineData("frame-max = 17MiB", "frame-max = 17MiB: must be a size from 4096 to 16777216 bytes, such as 64KiB or 16MiB")]
    [InlineData("frame-max = large", "frame-max = large: must be a size from 4096 to 16777216 bytes, such as 64KiB or 16MiB")]
    [InlineData("frame-max = -1", "frame-max = -1: must be a size from 4096 to 16777216 bytes, such as 64KiB or 16MiB")]
    [InlineData("heartbeat = -1s", "heartbeat = -1s: must be a time from 0s to 65535s, such as 500ms, 30s or 5m")]
    [InlineData("heartbeat = 65536s", "heartbeat = 65536s: must be a time from 0s to 65535s, such as 500ms, 30s or 5m")]
    [InlineData("heartbeat = soon", "heartbeat = soon: must be a time from 0s to 65535s, such as 500ms, 30s or 5m")]
    [InlineData("heartbeat = \"\"", "heartbeat = : must be a time from 0s to 65535s, such as 500ms, 30s or 5m")]
    [InlineData("handshake-timeout = 999ms", "handshake-timeout = 999ms: must be a time from 1s to 600s, such as 500ms, 30s or 5m")]
    [InlineData("handshake-timeout = 11m", "handshake-timeout = 11m: must be a time from 1s to 600s, such as 500ms, 30s or 5m")]
    [InlineData("max-connections = 0", "max-connections = 0: must be a whole number from 1 to 2147483647, or off")]
    [InlineData("max-connections = none", "max-connections = none: must be a whole number from 1 to 2147483647, or off")]
    [InlineData("max-message-size = 1023", "max-message-size = 1023: must be a size from 1024 to 536870912 bytes, such as 64KiB or 16MiB")]
    [InlineData("max-message-size = 1GiB", "max-message-size = 1GiB: must be a size from 1024 to 536870912 bytes, such as 64KiB or 16MiB")]
    [InlineData("max-in-flight = 1KiB", "max-in-flight = 1KiB: must be a size from 65536 to 4294967296 bytes, such as 64KiB or 16MiB")]
    [InlineData("max-in-flight = 5GiB", "max-in-flight = 5GiB: must be a size from 65536 to 4294967296 bytes, such as 64KiB or 16MiB")]
    [InlineData("client-flow = maybe", "client-flow = maybe: must be on or off")]
    [InlineData("recover-without-requeue = 1", "recover-without-requeue = 1: must be on or off")]
    [InlineData("tls.require-client-certificate = perhaps", "tls.require-client-certificate = perhaps: must be on or off")]
    [InlineData("tls.certificate = /no/such.pem", "tls.certificate = /no/such.pem: no such file")]
    [InlineData(
        "listen = [\"nonsense\"]",
        "listen = nonsense: must be HOST:PORT, with HOST an IP address, localhost or * and PORT 0 to 65535; amqps://HOST:PORT for TLS")]
    [InlineData("listen = []", "listen is missing")]
    [InlineData("listen = \"\"", "listen is empty: name at least one endpoint")]
    [InlineData("listen = [\"amqps://127.0.0.1:5671\"]", "listen = amqps://127.0.0.1:5671: needs actor-broker.amqp.tls.certificate")]
    public void A_bad_value_is_refused_with_key_value_and_range(string line, string error) =>
        Assert.Equal($"actor-broker.amqp.{error}", Assert.Throws<ConfigurationException>(() => Read(line)).Message);

    [Fact]
    public void A_certificate_that_cannot_be_read_is_refused_by_its_key()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "no certificate");
            var error = Assert.Throws<ConfigurationException>(() => Read($"tls.certificate = \"{file}\""));
            Assert.StartsWith($"actor-broker.amqp.tls.certificate = {file}: ", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Mutual_TLS_without_authorities_is_refused()
    {
        var file = Path.GetTempFileName();
        try
        {
            var error = Assert.Throws<ConfigurationException>(
                () => Read($"tls {{ certificate = \"{file}\", require-client-certificate = on }}"));
            Assert.Contains("actor-broker.amqp.tls.client-authorities", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static ListenerSettings Read(string line) =>
        ListenerSettings.From(Broker.ConfigOf(ConfigurationFactory.ParseString($"actor-broker.amqp {{ {line} }}")));
}
