using ActorBroker.Addresses;
using ActorBroker.Core.Topology;

namespace ActorBroker.Topology;

/// <summary>What one message is about, by the names of exchanges and queues.</summary>
/// <param name="Host">Their virtual host.</param>
/// <param name="Needs">Names that the answer depends on.</param>
/// <param name="Changes">Names whose answers may depend on it.</param>
internal readonly record struct TopologyNames(string Host, IReadOnlyList<string> Needs, IReadOnlyList<string> Changes)
{
    /// <summary>What a client's or a queue's message names; null when it is nothing of the kind.</summary>
    public static TopologyNames? Of(object message) => message switch
    {
        TopologyProtocol.DeclareExchange m => One(m.VirtualHost, m.Name),
        TopologyProtocol.DeleteExchange m => new TopologyNames(m.VirtualHost, Exchange(EntityName.Clean(m.Name)), [EntityName.Clean(m.Name)]),
        TopologyProtocol.DeclareQueue m => One(m.VirtualHost, m.Name),
        TopologyProtocol.DeleteQueue m => One(m.VirtualHost, m.Name),
        TopologyProtocol.Bind m => Binding(m.VirtualHost, m.Source, m.Destination),
        TopologyProtocol.Unbind m => Binding(m.VirtualHost, m.Source, m.Destination),
        QueueProtocol.Ended m => One(m.Queue.VirtualHost, m.Queue.Name),
        _ => null,
    };

    /// <summary>The same with what was decided.</summary>
    public TopologyNames With(IReadOnlyList<ITopologyEvent> events)
    {
        if (events.Count == 0)
        {
            return this;
        }

        var (needs, changes) = (new List<string>(Needs), new List<string>(Changes));
        foreach (var @event in events)
        {
            switch (@event)
            {
                case TopologyEvents.ExchangeDeclared { Exchange.Name: var name }:
                    needs.Add(name);
                    changes.Add(name);
                    break;
                case TopologyEvents.ExchangeDeleted { Exchange.Name: var name }:
                    needs.AddRange(Exchange(name));
                    changes.Add(name);
                    break;
                case TopologyEvents.QueueDeclared { Queue.Name: var name }:
                    needs.Add(name);
                    changes.Add(name);
                    break;
                case TopologyEvents.QueueDeleted { Queue.Name: var name }:
                    needs.Add(name);
                    changes.Add(name);
                    break;
                case TopologyEvents.Bound { Binding: var binding }:
                    needs.AddRange(binding.Source, binding.Destination);
                    changes.AddRange(BindingsFrom(binding.Source), binding.Destination);
                    break;
                case TopologyEvents.Unbound { Binding: var binding }:
                    needs.AddRange(binding.Source, binding.Destination);
                    changes.AddRange(BindingsFrom(binding.Source), binding.Destination);
                    break;
            }
        }

        return new TopologyNames(Host, needs, changes);
    }

    private static TopologyNames One(string host, string name) => new(host, [EntityName.Clean(name)], [EntityName.Clean(name)]);

    /// <summary>Bindings of one exchange do not wait for each other, only its end waits for them.</summary>
    private static TopologyNames Binding(string host, string source, string destination)
    {
        (source, destination) = (EntityName.Clean(source), EntityName.Clean(destination));
        return new TopologyNames(host, [source, destination], [BindingsFrom(source), destination]);
    }

    private static string[] Exchange(string name) => [name, BindingsFrom(name)];

    private static string BindingsFrom(string exchange) => exchange + '\n'; // no name has one
}
