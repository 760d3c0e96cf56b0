using System.Text;
using RabbitMQ.Client;

namespace ActorBroker.Tests.Shared;

/// <summary>A message as a client saw it, from <c>basic.deliver</c> (60, 60) or <c>basic.get-ok</c> (60, 71), with its body copied.</summary>
public sealed record Delivery(
    ulong Tag, bool Redelivered, string Exchange, string RoutingKey, IReadOnlyBasicProperties Properties, byte[] Bytes)
{
    /// <summary>Messages that were still ready behind this one; only <c>basic.get-ok</c> says so.</summary>
    public uint Behind { get; init; }

    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>From an answer to basic.get.</summary>
    public static Delivery Of(BasicGetResult got) =>
        new(got.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, got.BasicProperties, got.Body.ToArray()) { Behind = got.MessageCount };

    /// <summary>A header's value; null when it is not there.</summary>
    public object? Value(string name) => Properties.Headers?.TryGetValue(name, out var value) == true ? value : null;

    /// <summary>A header as text; null when it is not there. The client library hands strings out as bytes.</summary>
    public string? Header(string name) => Properties.Headers?.TryGetValue(name, out var value) == true ? Text(value) : null;

    /// <summary>Text of a field value: bytes are decoded, everything else is formatted.</summary>
    public static string? Text(object? value) =>
        value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
}
