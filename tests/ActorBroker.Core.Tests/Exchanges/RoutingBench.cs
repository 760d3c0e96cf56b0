using System.Text;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Exchanges;

/// <summary>A virtual host in a dictionary, and short words for what routing tests do.</summary>
internal sealed class RoutingBench : IExchangeDirectory
{
    private readonly Dictionary<byte[], QueueAddress> _queues = new(ByteKeyComparer.Instance);
    private readonly Dictionary<byte[], ExchangeAddress> _exchanges = new(ByteKeyComparer.Instance);
    private readonly RouteResult _result = new();

    public long Version { get; set; }

    public QueueAddress? FindQueue(ReadOnlySpan<byte> name) =>
        _queues.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;

    public ExchangeAddress? FindExchange(ReadOnlySpan<byte> name) =>
        _exchanges.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var found) ? found : null;

    public QueueAddress Queue(string name)
    {
        if (!_queues.TryGetValue(Encoding.UTF8.GetBytes(name), out var queue))
        {
            queue = new QueueAddress("/", name);
            _queues.Add(queue.NameBytes, queue);
            Version++;
        }

        return queue;
    }

    public ExchangeAddress Exchange(string name, ExchangeType type, string? alternate = null)
    {
        var exchange = new ExchangeAddress("/", name, type, alternateExchange: alternate);
        _exchanges.Add(exchange.NameBytes, exchange);
        Version++;
        return exchange;
    }

    public void Bind(ExchangeAddress source, string key, Destination destination, FieldTable? arguments = null)
    {
        source.Table.Add(key, arguments ?? FieldTable.Empty, destination);
        Version++;
    }

    public void Unbind(ExchangeAddress source, string key, Destination destination, FieldTable? arguments = null)
    {
        Assert.True(source.Table.Remove(key, arguments ?? FieldTable.Empty, destination));
        Version++;
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
