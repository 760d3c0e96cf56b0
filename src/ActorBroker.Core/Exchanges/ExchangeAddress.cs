using System.Text;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>An exchange as routing sees it. The actors derive their handle of an exchange from it.</summary>
internal class ExchangeAddress : Destination
{
    /// <summary>An exchange without bindings.</summary>
    /// <param name="virtualHost">The virtual host it lives in.</param>
    /// <param name="name">The name; empty is the default exchange.</param>
    /// <param name="type">How it routes.</param>
    /// <param name="isInternal">True when only other exchanges may publish to it.</param>
    /// <param name="alternateExchange">Who gets what it cannot route, null for nobody (alternate-exchange).</param>
    public ExchangeAddress(
        string virtualHost,
        string name,
        ExchangeType type,
        bool isInternal = false,
        string? alternateExchange = null)
        : base(virtualHost, name, isQueue: false)
    {
        Type = type;
        Internal = isInternal;
        AlternateExchange = alternateExchange;
        AlternateExchangeBytes = alternateExchange is null ? null : Encoding.UTF8.GetBytes(alternateExchange);
        Table = RoutingTable.Create(type);
    }

    /// <summary>How it routes.</summary>
    public ExchangeType Type { get; }

    /// <summary>True when basic.publish (60, 40) to it is refused with 403.</summary>
    public bool Internal { get; }

    /// <summary>Name of the exchange that gets what this one cannot route; null for none.</summary>
    public string? AlternateExchange { get; }

    /// <summary>Its bindings; empty for the default exchange, which routes by queue name.</summary>
    public RoutingTable Table { get; }

    /// <summary>True for the exchange with the empty name.</summary>
    public bool IsDefault => NameBytes.Length == 0;

    internal byte[]? AlternateExchangeBytes { get; }

    /// <summary>A binding begins here. By the one writer of <see cref="Table"/>; what publishers remember of this exchange is stale when it returns.</summary>
    public void Bind(string bindingKey, FieldTable arguments, Destination destination)
    {
        Table.Add(bindingKey, arguments, destination);
        Changed();
    }

    /// <summary>A binding that begins here ends.</summary>
    /// <returns>False when there is none.</returns>
    public bool Unbind(string bindingKey, FieldTable arguments, Destination destination)
    {
        var removed = Table.Remove(bindingKey, arguments, destination);
        Changed();
        return removed;
    }
}
