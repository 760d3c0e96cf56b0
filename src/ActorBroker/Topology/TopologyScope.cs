using ActorBroker.Core.Topology;

namespace ActorBroker.Topology;

/// <summary>The exchanges and queues that some decisions concern, by name; or everything.</summary>
internal sealed class TopologyScope
{
    private readonly HashSet<(string Host, string Name)> _names = [];
    private bool _all;

    /// <summary>What one decision of a client concerns.</summary>
    /// <param name="events">What was decided, if anything.</param>
    public static IEnumerable<string> NamesIn(IEnumerable<ITopologyEvent> events) => events.SelectMany<ITopologyEvent, string>(e => e switch
    {
        TopologyEvents.ExchangeDeclared m => [m.Exchange.Name],
        TopologyEvents.ExchangeDeleted m => [m.Exchange.Name],
        TopologyEvents.QueueDeclared m => [m.Queue.Name],
        TopologyEvents.QueueDeleted m => [m.Queue.Name],
        TopologyEvents.Bound m => [m.Binding.Source, m.Binding.Destination],
        TopologyEvents.Unbound m => [m.Binding.Source, m.Binding.Destination],
        _ => throw new ArgumentException($"{e.GetType().Name} is not a client's doing", nameof(events)),
    });

    /// <summary>What a client's message names: its virtual host and names in it. Null when it is nothing of the kind.</summary>
    public static (string Host, string[] Names)? Of(object message) => message switch
    {
        TopologyProtocol.DeclareExchange m => (m.VirtualHost, [EntityName.Clean(m.Name)]),
        TopologyProtocol.DeleteExchange m => (m.VirtualHost, [EntityName.Clean(m.Name)]),
        TopologyProtocol.DeclareQueue m => (m.VirtualHost, [EntityName.Clean(m.Name)]),
        TopologyProtocol.DeleteQueue m => (m.VirtualHost, [EntityName.Clean(m.Name)]),
        TopologyProtocol.Bind m => (m.VirtualHost, [EntityName.Clean(m.Source), EntityName.Clean(m.Destination)]),
        TopologyProtocol.Unbind m => (m.VirtualHost, [EntityName.Clean(m.Source), EntityName.Clean(m.Destination)]),
        TopologyProtocol.QueueEnded m => (m.Queue.VirtualHost, [m.Queue.Name]),
        _ => null,
    };

    /// <summary>Everything is concerned.</summary>
    public void AddAll() => _all = true;

    /// <summary>These are, too.</summary>
    public void Add(string host, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _names.Add((host, name));
        }
    }

    /// <summary>Is one of these concerned?</summary>
    public bool Touches(string host, IEnumerable<string> names) => _all || (_names.Count > 0 && names.Any(n => _names.Contains((host, n))));

    /// <summary>Nothing is concerned any more.</summary>
    public void Clear()
    {
        _names.Clear();
        _all = false;
    }
}
