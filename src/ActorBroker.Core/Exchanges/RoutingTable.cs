using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// The bindings of one exchange, made for routing. One thread changes it; any thread routes by it, without a lock, and
/// sees a change as soon as the call that made it has returned.
/// </summary>
/// <remarks>
/// It counts bindings and does not know them: <see cref="Topology.TopologyState"/> sees to it that each is added once
/// and removed once.
/// </remarks>
internal abstract class RoutingTable
{
    private protected RoutingTable()
    {
    }

    /// <summary>An empty table for that type of exchange.</summary>
    public static RoutingTable Create(ExchangeType type) => type switch
    {
        ExchangeType.Direct => new DirectTable(),
        ExchangeType.Fanout => new FanoutTable(),
        ExchangeType.Topic => new TopicTable(),
        _ => new HeadersTable(),
    };

    /// <summary>Adds a binding.</summary>
    /// <param name="bindingKey">The binding key, 0 to 255 bytes; copied where it is needed.</param>
    /// <param name="arguments">The arguments of the binding; only a headers exchange looks at them.</param>
    /// <param name="destination">Where it leads.</param>
    /// <exception cref="ChannelException">406: x-match of a headers binding is not one of the four words.</exception>
    public abstract void Add(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination);

    /// <summary>Removes a binding that was added with equal key, equal arguments and the same destination.</summary>
    /// <returns>False when there is none.</returns>
    public abstract bool Remove(ReadOnlySpan<byte> bindingKey, FieldTable arguments, Destination destination);

    /// <summary>Adds a binding.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, FieldTable, Destination)"/>
    public void Add(string bindingKey, FieldTable arguments, Destination destination) =>
        Add(Encoding.UTF8.GetBytes(bindingKey), arguments, destination);

    /// <summary>Removes a binding that was added with equal key, equal arguments and the same destination.</summary>
    /// <inheritdoc cref="Remove(ReadOnlySpan{byte}, FieldTable, Destination)"/>
    public bool Remove(string bindingKey, FieldTable arguments, Destination destination) =>
        Remove(Encoding.UTF8.GetBytes(bindingKey), arguments, destination);

    /// <summary>Adds all destinations that match one routing key.</summary>
    internal abstract void Match(ReadOnlySpan<byte> routingKey, ReadOnlySpan<byte> headers, RouteResult result);

    /// <summary>True when only the routing key decides, so that each further key has to be matched, too.</summary>
    internal virtual bool LooksAtRoutingKey => true;
}
