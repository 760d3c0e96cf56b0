using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>The in-process client: what a channel is on the wire, without the wire.</summary>
internal partial class BrokerClient : IBroker
{
    private const int MaxGetters = 64;

    private readonly IClientHost _broker;
    private readonly long _connection;
    private readonly Lock _lock = new();
    private readonly HashSet<ClientHolder> _holders = [];
    private readonly Dictionary<(QueueHandle Queue, bool AutoAck), ClientHolder> _getters = [];
    private readonly CancellationTokenSource _ended = new();
    private ClientPublisher? _publisher;
    private IActorRef _actor = ActorRefs.Nobody;
    private Task<DirectReplies>? _replies;
    private DirectReplies? _openReplies;
    private bool _closed;

    public BrokerClient(IClientHost broker, string virtualHost)
    {
        _broker = broker;
        _connection = broker.NextConnectionId();
        VirtualHost = virtualHost;
    }

    /// <inheritdoc/>
    public string VirtualHost { get; }

    /// <summary>The broker's actor system.</summary>
    public ActorSystem System => _broker.System;

    /// <summary>The broker has ended, or is about to.</summary>
    public static ConnectionException Gone() => new(ReplyCode.ConnectionForced, "the broker has been shut down");

    /// <inheritdoc/>
    public Task DeclareExchangeAsync(string exchange, string type = "direct", ExchangeOptions? options = null, CancellationToken cancellation = default)
    {
        Names.Check(exchange);
        Names.Check(type);
        options ??= new ExchangeOptions();
        return Ask(
            new TopologyProtocol.DeclareExchange(
                VirtualHost, _connection, exchange, type, Passive: false, options.Durable, options.AutoDelete, options.Internal, Tables.Of(options)),
            cancellation);
    }

    /// <inheritdoc/>
    public Task DeleteExchangeAsync(string exchange, bool ifUnused = false, CancellationToken cancellation = default)
    {
        Names.Check(exchange);
        return Ask(new TopologyProtocol.DeleteExchange(VirtualHost, _connection, exchange, ifUnused), cancellation);
    }

    /// <inheritdoc/>
    public async Task<QueueInfo> DeclareQueueAsync(string queue = "", QueueOptions? options = null, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        options ??= new QueueOptions();
        return Info(await Ask(
            new TopologyProtocol.DeclareQueue(
                VirtualHost, _connection, queue, Passive: false, options.Durable, options.Exclusive, options.AutoDelete, Tables.Of(options)),
            cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<QueueInfo> InspectQueueAsync(string queue, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        return Info(await Ask(
            new TopologyProtocol.DeclareQueue(
                VirtualHost, _connection, queue, Passive: true, Durable: false, Exclusive: false, AutoDelete: false, FieldTable.Empty),
            cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<int> DeleteQueueAsync(string queue, bool ifUnused = false, bool ifEmpty = false, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        return Ask(new TopologyProtocol.DeleteQueue(VirtualHost, _connection, queue, ifUnused, ifEmpty), cancellation);
    }

    /// <inheritdoc/>
    public async Task<int> PurgeQueueAsync(string queue, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        var purge = new QueueProtocol.Purge(new Reply<int>());
        Find(await Ready(cancellation).ConfigureAwait(false), queue).Actor.Tell(purge, ActorRefs.NoSender);
        return await Answer(purge.Reply, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task BindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        Names.Check(exchange);
        Names.Check(bindingKey);
        return Ask(new TopologyProtocol.Bind(VirtualHost, _connection, exchange, queue, ToQueue: true, bindingKey, Tables.Of(arguments)), cancellation);
    }

    /// <inheritdoc/>
    public Task UnbindQueueAsync(
        string queue, string exchange, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default)
    {
        Names.Check(queue);
        Names.Check(exchange);
        Names.Check(bindingKey);
        return Ask(new TopologyProtocol.Unbind(VirtualHost, _connection, exchange, queue, ToQueue: true, bindingKey, Tables.Of(arguments)), cancellation);
    }

    /// <inheritdoc/>
    public Task BindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default)
    {
        Names.Check(destination);
        Names.Check(source);
        Names.Check(bindingKey);
        return Ask(new TopologyProtocol.Bind(VirtualHost, _connection, source, destination, ToQueue: false, bindingKey, Tables.Of(arguments)), cancellation);
    }

    /// <inheritdoc/>
    public Task UnbindExchangeAsync(
        string destination, string source, string bindingKey = "", IReadOnlyDictionary<string, object?>? arguments = null, CancellationToken cancellation = default)
    {
        Names.Check(destination);
        Names.Check(source);
        Names.Check(bindingKey);
        return Ask(new TopologyProtocol.Unbind(VirtualHost, _connection, source, destination, ToQueue: false, bindingKey, Tables.Of(arguments)), cancellation);
    }

    /// <summary>Gives back all it holds. No operation works once this was called.</summary>
    public async Task CloseAsync()
    {
        if (!TryClose() || _publisher is null || _ended.IsCancellationRequested)
        {
            return;
        }

        if (_broker.FindVirtualHost(VirtualHost) is not null)
        {
            var gone = new TopologyProtocol.ConnectionGone(VirtualHost, _connection);
            _broker.Topology.Tell(gone, ActorRefs.NoSender);
            await Answer(gone.Reply, CancellationToken.None).ConfigureAwait(false);
        }

        _broker.System.Stop(_actor);
    }

    /// <summary>The broker stops: handlers come to an end, and nobody gets a delivery any more. What is published meanwhile is still taken.</summary>
    public Task StopConsumersAsync()
    {
        ClientHolder[] holders;
        lock (_lock)
        {
            holders = [.. _holders];
        }

        return Task.WhenAll(holders.OfType<ClientConsumer>().Where(c => !c.Link.Queue.IsReplyAddress).Select(c => c.CancelAsync()));
    }

    /// <summary>The broker stops: nothing more goes in, and what consumers hold goes back. Completes when its queues have all it took.</summary>
    public async Task HandOverAsync()
    {
        TryClose();
        if (_publisher is not null && !_ended.IsCancellationRequested)
        {
            var done = new Reply<bool>();
            _actor.Tell(new ClientProtocol.HandedOver(done), ActorRefs.NoSender);
            await Answer(done, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>The client's actor is gone: with the client, or with the actor system.</summary>
    public void Ended()
    {
        _broker.Remove(this);
        _ended.Cancel();
        _publisher?.End();
        _openReplies?.End();

        ClientHolder[] holders;
        lock (_lock)
        {
            holders = [.. _holders];
            _holders.Clear();
            _getters.Clear();
        }

        ClientHolder.Close(holders); // who consumes hears that it is over
    }

    private bool TryClose()
    {
        ClientHolder[] holders;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _closed = true; // what was asked before is in mailboxes already; nothing follows
            holders = [.. _holders, .. _getters.Values];
        }

        ClientHolder.Close(holders);
        return true;
    }

    private static QueueInfo Info(QueueProtocol.QueueCounts counts) => new(counts.Name, counts.Ready, counts.Unacked, counts.Consumers);

    /// <summary>The virtual host, as soon as the broker has started.</summary>
    /// <exception cref="ConnectionException">530 there is none of that name.</exception>
    private ValueTask<VirtualHost> Ready(CancellationToken cancellation) =>
        _broker.WhenStarted.IsCompletedSuccessfully ? new(Host()) : Wait(cancellation);

    private async ValueTask<VirtualHost> Wait(CancellationToken cancellation)
    {
        await _broker.WhenStarted.WaitAsync(cancellation).ConfigureAwait(false);
        return Host();
    }

    private VirtualHost Host()
    {
        CheckOpen();
        if (_publisher is null)
        {
            Start();
        }

        return _broker.FindVirtualHost(VirtualHost) ?? throw new ConnectionException(ReplyCode.NotAllowed, $"vhost {VirtualHost} not found");
    }

    /// <exception cref="ConnectionException">320: the client is closed, or the broker has ended.</exception>
    private void CheckOpen()
    {
        if (Volatile.Read(ref _closed) || _ended.IsCancellationRequested || _broker.IsStopped)
        {
            throw Gone();
        }
    }

    private void Start()
    {
        lock (_lock)
        {
            CheckOpen();
            if (_publisher is null)
            {
                var publisher = new ClientPublisher(_broker);
                _actor = publisher.Actor = ((ExtendedActorSystem)_broker.System).SystemActorOf(
                    ClientActor.Props(this, publisher), $"actor-broker-client-{_connection}");
                Volatile.Write(ref _publisher, publisher);
                _broker.Add(this);
                CheckOpen(); // it may have stopped before it knew of this client
            }
        }
    }

    private async Task<T> Ask<T>(TopologyProtocol.Command<T> command, CancellationToken cancellation)
    {
        await Ready(cancellation).ConfigureAwait(false);
        lock (_lock)
        {
            CheckOpen(); // else it would come after the client's end, and what it makes would never go
            _broker.Topology.Tell(command, ActorRefs.NoSender);
        }

        return await Answer(command.Reply, cancellation).ConfigureAwait(false);
    }

    private async Task<T> Answer<T>(Reply<T> reply, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token, cancellation);
        try
        {
            return await reply.Task.WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested && _ended.IsCancellationRequested)
        {
            throw Gone();
        }
    }

    /// <exception cref="ChannelException">404 there is none, 405 it is exclusive to another connection.</exception>
    private QueueHandle Find(VirtualHost host, string name)
    {
        var queue = host.FindQueue(name) is { IsReplyAddress: false } found
            ? found
            : throw new ChannelException(ReplyCode.NotFound, $"no queue '{name}' in vhost '{host.Name}'");
        queue.CheckAccess(_connection);
        return queue;
    }
}
