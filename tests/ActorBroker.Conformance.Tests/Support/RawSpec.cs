using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;

namespace ActorBroker.Conformance.Tests.Support;

/// <summary>Base of the tests that send bytes of their own. The stock client stays at hand to look on.</summary>
public abstract class RawSpec(Broker broker) : ConformanceSpec(broker)
{
    protected Task<RawClient> ConnectRaw() => RawClient.Connect(Broker.Endpoint, Phase);

    protected Task<RawClient> OpenRaw(Handshake? handshake = null) =>
        RawClient.Open(Broker.Endpoint, Phase, handshake);

    /// <summary>An open connection with channel 1.</summary>
    protected async Task<RawClient> OpenRawChannel(Handshake? handshake = null)
    {
        var client = await OpenRaw(handshake);
        await client.OpenChannel(1);
        return client;
    }

    /// <summary>Sends the bytes with channel 1 open; they have to be answered with this close.</summary>
    protected async Task BytesAreRefused(Refusal expected, params byte[] bytes)
    {
        await using var client = await OpenRawChannel();
        await client.Send(bytes);
        Assert.Equal(expected, await client.ExpectRefusal());
        if (expected.What == Closes.Connection)
        {
            await client.ExpectEnd();
        }
    }

    /// <summary>
    /// The same for errors in which RabbitMQ prints Erlang terms: the code and its name are the contract, not the rest.
    /// </summary>
    protected async Task BytesAreRefused(ushort code, string textStart, params byte[] bytes)
    {
        await using var client = await OpenRawChannel();
        await client.Send(bytes);
        var refusal = await client.ExpectRefusal();
        Assert.Equal((Closes.Connection, code), (refusal.What, refusal.Code));
        Assert.StartsWith(textStart, refusal.Text, StringComparison.Ordinal);
        await client.ExpectEnd();
    }

    /// <summary>
    /// Bytes after which the connection ends: with this code, or without a word where it is null.
    /// </summary>
    protected async Task BytesEndTheConnection(ushort? code, params byte[] bytes)
    {
        await using var client = await OpenRawChannel();
        await client.Send(bytes);
        Assert.Equal(code, (await client.ExpectGone())?.Code);
        await OthersAreServed();
    }

    /// <summary>The broker still serves other clients.</summary>
    protected async Task OthersAreServed()
    {
        var queue = await Queue("alive");
        await Send(queue, "alive");
        Assert.Equal(["alive"], await Drain(queue));
    }
}
