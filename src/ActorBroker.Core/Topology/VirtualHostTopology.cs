using System.Diagnostics.CodeAnalysis;

namespace ActorBroker.Core.Topology;

/// <summary>The exchanges, queues and bindings of one virtual host, each binding found from both of its ends.</summary>
internal sealed class VirtualHostTopology
{
    public Dictionary<string, ExchangeNode> Exchanges { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, QueueNode> Queues { get; } = new(StringComparer.Ordinal);

    public bool TryGetEnds(
        string source,
        DestinationKind kind,
        string destination,
        [NotNullWhen(true)] out ExchangeNode? from,
        [NotNullWhen(true)] out BindingTarget? to)
    {
        to = FindTarget(kind, destination);
        return Exchanges.TryGetValue(source, out from) && to is not null;
    }

    public BindingTarget? FindTarget(DestinationKind kind, string name) =>
        kind == DestinationKind.Queue ? Queues.GetValueOrDefault(name) : Exchanges.GetValueOrDefault(name);

    public void Bind(BindingDefinition binding)
    {
        if (TryGetEnds(binding.Source, binding.Kind, binding.Destination, out var from, out var to))
        {
            from.Outgoing.Add(binding);
            to.Incoming.Add(binding);
        }
    }

    public void Unbind(BindingDefinition binding)
    {
        if (Exchanges.TryGetValue(binding.Source, out var from))
        {
            from.Outgoing.Remove(binding);
        }

        FindTarget(binding.Kind, binding.Destination)?.Incoming.Remove(binding);
    }

    public void RemoveExchange(string name)
    {
        if (!Exchanges.Remove(name, out var exchange))
        {
            return;
        }

        // After a restart the Unbound events of the same decision are missing: they were not journaled.
        foreach (var binding in exchange.Outgoing)
        {
            FindTarget(binding.Kind, binding.Destination)?.Incoming.Remove(binding);
        }

        RemoveIncoming(exchange);
    }

    public void RemoveQueue(string name)
    {
        if (Queues.Remove(name, out var queue))
        {
            RemoveIncoming(queue);
        }
    }

    private void RemoveIncoming(BindingTarget target)
    {
        foreach (var binding in target.Incoming)
        {
            if (Exchanges.TryGetValue(binding.Source, out var from))
            {
                from.Outgoing.Remove(binding);
            }
        }
    }
}

/// <summary>Something a binding can lead to.</summary>
internal abstract class BindingTarget
{
    public abstract bool Durable { get; }

    public abstract string Text { get; }

    public BindingSet Incoming { get; } = new();
}

/// <summary>A queue and the bindings to it.</summary>
internal sealed class QueueNode(QueueDefinition definition) : BindingTarget
{
    public QueueDefinition Definition { get; } = definition;

    public override bool Durable => Definition.Durable;

    public override string Text => TopologyErrors.Queue(Definition.VirtualHost, Definition.Name);
}

/// <summary>An exchange and the bindings from and to it.</summary>
internal sealed class ExchangeNode(ExchangeDefinition definition) : BindingTarget
{
    public ExchangeDefinition Definition { get; } = definition;

    public override bool Durable => Definition.Durable;

    public override string Text => TopologyErrors.Exchange(Definition.VirtualHost, Definition.Name);

    public BindingSet Outgoing { get; } = new();
}
