using System.Net;
using ActorBroker.Listener.Configuration;
using Akka.Configuration;

namespace ActorBroker.Listener.Tests.Configuration;

/// <summary>How an endpoint is written.</summary>
public sealed class EndpointSpec
{
    [Theory]
    [InlineData("127.0.0.1:5672", "127.0.0.1", 5672, false)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0, false)]
    [InlineData("localhost:65535", "127.0.0.1", 65535, false)]
    [InlineData("*:5672", "::", 5672, false)]
    [InlineData("[::1]:5672", "::1", 5672, false)]
    [InlineData("[::]:5672", "::", 5672, false)]
    [InlineData("amqp://10.1.2.3:1", "10.1.2.3", 1, false)]
    [InlineData("amqps://10.1.2.3:5671", "10.1.2.3", 5671, true)]
    [InlineData("amqps://[fe80::1]:5671", "fe80::1", 5671, true)]
    [InlineData("amqps://*:5671", "::", 5671, true)]
    public void Is_read(string text, string address, int port, bool tls) =>
        Assert.Equal(new Endpoint(IPAddress.Parse(address), port, tls), Endpoint.Parse(text, "key"));

    [Theory]
    [InlineData("")]
    [InlineData("5672")]
    [InlineData(":5672")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:+1")]
    [InlineData("127.0.0.1: 5672")]
    [InlineData("127.0.0.1:5672/vhost")]
    [InlineData("127.0.0.1:amqp")]
    [InlineData("broker.example:5672")]
    [InlineData("256.0.0.1:5672")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("amqps://")]
    [InlineData("127.0.0.1amqp://:5672")]
    [InlineData("[127.0.0.1:5672")]
    [InlineData("1:5672")]
    public void Names_key_value_and_form_when_it_cannot_be_read(string text)
    {
        var error = Assert.Throws<ConfigurationException>(() => Endpoint.Parse(text, "actor-broker.amqp.listen"));

        Assert.Equal(
            $"actor-broker.amqp.listen = {text}: must be HOST:PORT, with HOST an IP address, localhost or * and PORT 0 to 65535; "
            + "amqps://HOST:PORT for TLS",
            error.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:5672", "amqp://127.0.0.1:5672")]
    [InlineData("amqps://[::1]:5671", "amqps://[::1]:5671")]
    public void Is_written_so_that_it_can_be_read_again(string text, string written)
    {
        var endpoint = Endpoint.Parse(text, "key");

        Assert.Equal(written, endpoint.ToString());
        Assert.Equal(endpoint, Endpoint.Parse(written, "key"));
    }
}
