using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Configuration;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Publishing;
using ActorBroker.Publishing;
using Akka.Actor;

namespace ActorBroker.Client;

/// <summary>
/// The publishing half of a client: checks and routes on the caller's thread; what comes until the client's actor has its turn goes to
/// the queues together.
/// </summary>
internal sealed class ClientPublisher
{
    private static readonly byte[] Persistent = new BasicProperties { DeliveryMode = 2 }.ToBytes();

    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static AmqpWriter? _encoder; // the last one's properties, unless they were very large

    private readonly Lock _lock = new();
    private readonly IClientHost _broker;
    private readonly InFlight _inFlight;
    private readonly PublishFanOut _fanOut;
    private readonly OpenExchanges _exchanges = new();
    private readonly RouteCache _routes = new();
    private readonly HashSet<ClientConfirm> _open = [];
    private readonly SemaphoreSlim _entrance = new(1); // those who wait for room go in one by one, in order
    private readonly CancellationTokenSource _end = new();
    private readonly long _maxMessageSize;
    private ClientConfirm? _turn;
    private ulong _lastTag;
    private int _waiting;
    private bool _ended;

    public ClientPublisher(IClientHost broker)
    {
        _broker = broker;
        var amqp = new SettingsBlock(broker.System.Settings.Config, BrokerSettings.Path + ".amqp");
        _maxMessageSize = amqp.Bytes("max-message-size", 1 << 10, 512L << 20);
        _inFlight = new InFlight(amqp.Bytes("max-in-flight", 64 << 10, 4L << 30), broker.InFlight);
        _fanOut = new PublishFanOut(_inFlight);
    }

    /// <summary>Gets <see cref="ClientProtocol.Flush"/>.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>True while a publish must wait before it is taken.</summary>
    public bool IsHeldBack => _inFlight.IsFull || _broker.Alarms.IsOn || Volatile.Read(ref _waiting) > 0;

    /// <summary>A message as its publish says.</summary>
    /// <exception cref="AmqpException">406: a property is not what it says, or the body is too large.</exception>
    public Message Create(string exchange, string routingKey, ReadOnlySpan<byte> body, BasicProperties? properties, bool mandatory)
    {
        PublishChecks.CheckSize((ulong)body.Length, _maxMessageSize);
        if (properties is null)
        {
            var plain = Message.Create(exchange, routingKey, Persistent, body);
            plain.Flags = MessageFlags.Persistent | (mandatory ? MessageFlags.Mandatory : MessageFlags.None);
            return plain;
        }

        var encoded = Encode(properties);
        var traits = PublishChecks.Inspect(encoded, mandatory, publishedTo: null);
        if (traits.AsksForReply)
        {
            throw PublishChecks.NoReplyConsumer(": use IBroker.RequestAsync");
        }

        var message = Message.Create(exchange, routingKey, encoded, body);
        (message.Flags, message.Priority) = (traits.Flags, traits.Priority);
        return message;
    }

    /// <summary>Hands a message on to its queues.</summary>
    /// <param name="host">Where.</param>
    /// <param name="message">From <see cref="Create"/>.</param>
    /// <param name="waiter">Gets the answer.</param>
    /// <exception cref="AmqpException">404 no such exchange; 403 it is internal.</exception>
    public void Publish(VirtualHost host, Message message, PublishWaiter waiter)
    {
        bool first;
        lock (_lock)
        {
            var exchange = _exchanges.Open(message.Exchange, access: null, host).Exchange;
            if (_ended)
            {
                throw BrokerClient.Gone();
            }

            first = _turn is null;
            if (_turn is null)
            {
                _open.Add(_turn = new ClientConfirm(this, _lastTag + 1));
            }

            var tag = _lastTag = _turn.Add(waiter);
            var targets = PublishRouting.Targets(ref message, exchange, host, _routes);
            if (!targets.IsEmpty)
            {
                _inFlight.Add((long)message.Length * targets.Length);
                _fanOut.Add(message, targets, _turn, tag);
            }
            else if ((message.Flags & MessageFlags.Mandatory) != 0)
            {
                _turn.Return(tag);
            }
        }

        if (first)
        {
            Actor.Tell(ClientProtocol.Flush.Instance, ActorRefs.NoSender);
        }
    }

    /// <summary>Hands a message on as soon as there is room; messages go in the order in which they asked.</summary>
    /// <exception cref="ConnectionException">320: the broker has ended meanwhile.</exception>
    public async Task PublishWhenRoom(VirtualHost host, Message message, PublishWaiter waiter, CancellationToken cancellation)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, cancellation);
        try
        {
            await InTurn(() => Publish(host, message, waiter), both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw BrokerClient.Gone();
        }
    }

    /// <summary>What was published goes to its queues. By the client's actor.</summary>
    public void Flush()
    {
        ClientConfirm? turn;
        lock (_lock)
        {
            turn = _turn;
            _turn = null;
            _fanOut.Flush();
        }

        turn?.Done();
    }

    /// <summary>The actor is gone: nobody gets an answer any more.</summary>
    public void End()
    {
        ClientConfirm[] open;
        lock (_lock)
        {
            _ended = true;
            open = [.. _open];
            _open.Clear();
        }

        _end.Cancel();
        foreach (var turn in open)
        {
            turn.FailAll(BrokerClient.Gone());
        }
    }

    /// <summary>All publishes of a turn are answered.</summary>
    public void Forget(ClientConfirm turn)
    {
        lock (_lock)
        {
            _open.Remove(turn);
        }
    }

    /// <summary>The bytes of properties; valid until this thread asks again.</summary>
    private static ReadOnlySpan<byte> Encode(BasicProperties properties)
    {
        var writer = _encoder is { Length: <= KeptBytes } kept ? kept : _encoder = new AmqpWriter();
        writer.Clear();
        properties.Encode(writer);
        return writer.Written;
    }

    private async Task InTurn(Action publish, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _entrance.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                while (_inFlight.IsFull || _broker.Alarms.IsOn)
                {
                    await _broker.Alarms.WhenOff().WaitAsync(cancellation).ConfigureAwait(false);
                    await _inFlight.WhenRoom(cancellation).ConfigureAwait(false);
                }

                publish(); // before the next one's turn
            }
            finally
            {
                _entrance.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
