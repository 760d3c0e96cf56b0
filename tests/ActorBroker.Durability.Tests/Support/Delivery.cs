using System.Text;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Support;

/// <summary>A message as it came to a client, with its body copied.</summary>
public sealed record Delivery(
    ulong Tag, bool Redelivered, string Exchange, string Key, IReadOnlyBasicProperties Properties, byte[] Bytes)
{
    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>A header's value; null when it is not there.</summary>
    public object? Header(string name) => Properties.Headers?.TryGetValue(name, out var value) == true ? value : null;
}
