using System.Collections.Concurrent;
using System.Text;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Addresses;

/// <summary>
/// The names of one virtual host, as every channel of this node sees them. The <see cref="VirtualHosts.VirtualHostActor"/> is the only writer.
/// </summary>
internal sealed class VirtualHost : IExchangeDirectory
{
    private readonly ConcurrentDictionary<byte[], ExchangeHandle> _exchanges = new(ByteKeyComparer.Instance);
    private readonly ConcurrentDictionary<byte[], QueueHandle> _queues = new(ByteKeyComparer.Instance);
    private long _departures;
    private long _rightsVersion;

    /// <summary>An empty one.</summary>
    public VirtualHost(string name)
    {
        Name = name;
        Replies = new ReplyAddresses(HasLeft);
    }

    /// <summary>Name of the virtual host.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public long Departures => Volatile.Read(ref _departures);

    /// <inheritdoc/>
    public long RightsVersion => Volatile.Read(ref _rightsVersion);

    /// <summary>Addresses of direct reply-to; not queues, and not listed.</summary>
    public ReplyAddresses Replies { get; }

    /// <summary>All exchanges.</summary>
    public IEnumerable<ExchangeHandle> Exchanges => _exchanges.Values;

    /// <summary>All queues.</summary>
    public IEnumerable<QueueHandle> Queues => _queues.Values;

    /// <inheritdoc/>
    public QueueAddress? FindQueue(ReadOnlySpan<byte> name) =>
        _queues.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var queue) ? queue : Replies.Find(name);

    /// <inheritdoc/>
    public ExchangeAddress? FindExchange(ReadOnlySpan<byte> name) =>
        _exchanges.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var exchange) ? exchange : null;

    /// <summary>The queue of that name, or null.</summary>
    public QueueHandle? FindQueue(string name) => (QueueHandle?)FindQueue(Encoding.UTF8.GetBytes(name));

    /// <summary>The exchange of that name, or null; empty is the default exchange.</summary>
    public ExchangeHandle? FindExchange(string name) => (ExchangeHandle?)FindExchange(Encoding.UTF8.GetBytes(name));

    /// <summary>Somebody's rights have changed: what publishers remember of them is stale.</summary>
    internal void RightsChanged() => Interlocked.Increment(ref _rightsVersion);

    internal void Add(ExchangeHandle exchange) => _exchanges[exchange.NameBytes] = exchange;

    internal void Remove(ExchangeHandle exchange)
    {
        _exchanges.TryRemove(new(exchange.NameBytes, exchange));
        HasLeft(exchange);
    }

    internal void Add(QueueHandle queue) => _queues[queue.NameBytes] = queue;

    internal void Remove(QueueHandle queue)
    {
        _queues.TryRemove(new(queue.NameBytes, queue));
        HasLeft(queue);
    }

    private void HasLeft(Destination destination)
    {
        destination.Leave();
        Interlocked.Increment(ref _departures);
    }
}

/// <summary>Where replies by direct reply-to go; each lives as long as its consumer.</summary>
internal sealed class ReplyAddresses(Action<QueueHandle> left)
{
    private readonly ConcurrentDictionary<byte[], QueueHandle> _addresses = new(ByteKeyComparer.Instance);

    /// <summary>A consumer of direct reply-to is there: its address routes.</summary>
    public void Add(QueueHandle address) => _addresses[address.NameBytes] = address;

    /// <summary>That consumer is gone: its address routes no more.</summary>
    public void Remove(QueueHandle address)
    {
        _addresses.TryRemove(new(address.NameBytes, address));
        left(address);
    }

    internal QueueHandle? Find(ReadOnlySpan<byte> name) =>
        !_addresses.IsEmpty && _addresses.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var address) ? address : null;
}
