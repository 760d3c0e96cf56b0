using System.Text;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Exchanges;

/// <summary>A virtual host in a dictionary, and short words for what routing tests do.</summary>
internal sealed class RoutingBench : IExchangeDirectory
{
    private readonly Dictionary<byte[], QueueAddress> _queues = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], ExchangeAddress> _exchanges = new(ByteKeyComparer.Instance);
    private readonly List<(ExchangeAddress Source, string Key, Destination Destination, FieldTable Arguments)> _bindings = [];
    private readonly RouteResult _result = new();

    public string Name => "/";

    public long Departures { get; private set; }

    public long RightsVersion { get; set; }

    public QueueAddress? FindQueue(ReadOnlySpan<byte> name) =>
        _queues.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;

    public ExchangeAddress? FindExchange(ReadOnlySpan<byte> name)
    {
        var exchange = _exchanges.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;
        var then = AfterFindExchange;
        AfterFindExchange = null;
        then?.Invoke();
        return exchange;
    }

    /// <summary>Runs once, between a look-up of an exchange and the use of its answer.</summary>
    public Action? AfterFindExchange { get; set; }

    public QueueAddress Queue(string name)
    {
        if (!_queues.TryGetValue(Encoding.UTF8.GetBytes(name), out var queue))
        {
            queue = new QueueAddress("/", name);
            _queues.Add(queue.NameBytes, queue);
        }

        return queue;
    }

    public ExchangeAddress Exchange(string name, ExchangeType type, string? alternate = null, bool isInternal = false)
    {
        var exchange = new ExchangeAddress("/", name, type, isInternal, alternate);
        _exchanges.Add(exchange.NameBytes, exchange);
        return exchange;
    }

    public void Bind(ExchangeAddress source, string key, Destination destination, FieldTable? arguments = null)
    {
        source.Bind(key, arguments ?? FieldTable.Empty, destination);
        _bindings.Add((source, key, destination, arguments ?? FieldTable.Empty));
    }

    public void Unbind(ExchangeAddress source, string key, Destination destination, FieldTable? arguments = null)
    {
        Assert.True(source.Unbind(key, arguments ?? FieldTable.Empty, destination));
        _bindings.Remove((source, key, destination, arguments ?? FieldTable.Empty));
    }

    /// <summary>A queue or an exchange is deleted: first its bindings, then its name, as a virtual host does it.</summary>
    public void Delete(Destination gone)
    {
        foreach (var binding in _bindings.Where(b => b.Source == gone || b.Destination == gone).ToList())
        {
            Unbind(binding.Source, binding.Key, binding.Destination, binding.Arguments);
        }

        Assert.True(gone.IsQueue ? _queues.Remove(gone.NameBytes) : _exchanges.Remove(gone.NameBytes));
        gone.Leave();
        Departures++;
    }

    /// <summary>Names of the queues a message goes to, in order of their names.</summary>
    public string[] Route(ExchangeAddress start, string key, FieldTable? headers = null)
    {
        var encoded = (headers ?? FieldTable.Empty).Encoded;
        var input = new RoutingInput(Encoding.UTF8.GetBytes(key), encoded, CarbonCopies.Parse(encoded));
        Router.Route(start, input, this, _result);
        return Names(_result.Queues);
    }

    public static string[] Names(ReadOnlySpan<QueueAddress> queues)
    {
        var names = queues.ToArray().Select(q => q.Name).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    public static FieldTable Table(params (string Name, object? Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
