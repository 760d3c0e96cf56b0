using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Publishing;
using ActorBroker.Listener.Connections;
using ActorBroker.Publishing;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// The publishing half of a channel: puts a publish together, checks it, routes it by the exchange's published table and hands it to
/// the connection's batches. No actor is on this way.
/// </summary>
internal sealed partial class ChannelPublisher : IConfirmWriter
{
    private readonly AmqpChannel _channel;
    private readonly AmqpConnection _connection;
    private readonly ContentAssembly _content;
    private readonly OpenExchanges _exchanges = new();
    private readonly RouteCache _cache = new();
    private PublisherConfirms? _confirms; // guarded by the outbox's lock, but for the numbering
    private ChannelConfirm? _turn;
    private OpenExchange? _exchange; // of the publish under way
    private PublishTraits _traits; // what its header said
    private int _begunBits = -1; // of the last basic.publish that was let in; -1 when its like must be looked at again
    private (Message Message, ConfirmBatch? Confirm, ulong Tag) _late;

    public ChannelPublisher(AmqpChannel channel)
    {
        _channel = channel;
        _connection = channel.Connection;
        _content = new ContentAssembly(_connection.Slabs);
    }

    /// <summary>confirm.select was seen.</summary>
    public bool Confirms => _confirms is not null;

    /// <summary>What the channel expects next.</summary>
    public ContentStep Step => _content.Step;

    /// <summary>confirm.select (85, 10). All publishes before it are on their way.</summary>
    public void SelectConfirms() => _confirms ??= new PublisherConfirms();

    /// <summary>basic.publish (60, 40). Most are as the one before was, byte for byte, and need not be looked at again.</summary>
    /// <param name="method">Payload of the method frame: the ids, the reserved short, two short strings, the bits.</param>
    /// <exception cref="ChannelException">404, 403.</exception>
    /// <exception cref="ConnectionException">540 immediate; 501, 502 malformed.</exception>
    public void Begin(ReadOnlySpan<byte> method)
    {
        const int NamesAt = 6;
        if (method.Length > NamesAt && method[^1] == _begunBits && _content.HasNames(method[NamesAt..^1])
            && _exchanges.LastFor(_connection.Access, _connection.VirtualHost) is { } again)
        {
            _exchange = again;
            _content.BeginAgain();
            return;
        }

        _begunBits = -1;
        var arguments = new AmqpReader(method[sizeof(uint)..]);
        Begin(BasicPublish.Read(ref arguments));
        if (!_exchange!.LimitsTopics && arguments.Remaining == 0)
        {
            _begunBits = method[^1];
        }
    }

    private void Begin(in BasicPublish publish)
    {
        PublishChecks.CheckImmediate(publish.Immediate);
        _exchange = _exchanges.Open(publish.Exchange, _connection.Access, _connection.VirtualHost);
        _exchange.CheckTopic(publish.RoutingKey);
        _content.Begin(publish.Exchange, publish.RoutingKey, publish.Mandatory);
    }

    /// <summary>The content header frame.</summary>
    public void Header(ReadOnlySpan<byte> payload)
    {
        var header = ContentHeader.Parse(payload);
        if (header.ClassId != ContentHeader.BasicClass)
        {
            throw new ConnectionException(
                ReplyCode.UnexpectedFrame, $"expected content header for class 60, got one for class {header.ClassId} instead", BasicPublish.Id);
        }

        try
        {
            PublishChecks.CheckSize(header.BodySize, _connection.Settings.MaxMessageSize);
            Inspect(header.Properties);
        }
        catch (AmqpException)
        {
            _content.Abandon();
            throw;
        }

        if (_content.Header(payload, (int)header.BodySize))
        {
            Complete();
        }
    }

    /// <summary>A body frame, or a part of one.</summary>
    public void Body(ReadOnlySpan<byte> piece)
    {
        if (_content.Body(piece))
        {
            Complete();
        }
    }

    /// <summary>Forgets a publish that will not be completed.</summary>
    public void Abandon() => _content.Abandon();

    /// <summary>Finds the queues of a message and hands it to the connection's batches.</summary>
    /// <param name="message">Its one reference moves.</param>
    /// <param name="confirm">The confirm or transaction that waits for it; null for none.</param>
    /// <param name="tag">Its publish tag.</param>
    /// <param name="budget">Most steps on this thread; when that is not enough, another one goes on and the channel waits.</param>
    public void Route(ref Message message, ConfirmBatch? confirm, ulong tag, long budget = long.MaxValue)
    {
        if (!TryTargets(ref message, budget, out var targets))
        {
            confirm?.Expect();
            _late = (message, confirm, tag);
            _connection.RouteLate(_channel);
            return;
        }

        if (targets.IsEmpty)
        {
            if ((message.Flags & MessageFlags.Mandatory) != 0)
            {
                Return(message);
            }

            message.Release();
            return;
        }

        var isWide = targets.Length > 1;
        _connection.FanOut.Add(message, targets, confirm, tag);
        if (isWide && _connection.IsWide)
        {
            _connection.CutTurn();
        }
    }

    /// <summary>Before the turn's batches go to the queues: its confirm takes its place in the order.</summary>
    public void BeforeFlush()
    {
        if (_confirms is null)
        {
            return; // the turn is there for returns only
        }

        lock (_connection.Outbox.Lock)
        {
            _confirms.Add(_turn!);
        }
    }

    /// <summary>After it: the publisher's own share is done.</summary>
    public void AfterFlush()
    {
        var turn = _turn!;
        _turn = null;
        turn.Done();
    }

    /// <inheritdoc/>
    public void WriteConfirm(ulong tag, bool multiple, bool ack) =>
        DeliveryFrames.WriteConfirm(_connection.Outbox, _channel.Id, tag, multiple, ack);

    private void WriteConfirms()
    {
        lock (_connection.Outbox.Lock)
        {
            if (_confirms is null || _channel.IsClosing || !_confirms.Write(this))
            {
                return;
            }
        }

        _connection.Outbox.RequestFlush();
    }

    private void Complete()
    {
        var message = _content.Take();
        (message.Flags, message.Priority) = (_traits.Flags, _traits.Priority);
        if (_traits.AsksForReply)
        {
            ReplaceReplyTo(ref message);
        }

        if (_channel.Transaction is { } transaction)
        {
            transaction.Add(message);
            return;
        }

        ulong tag = 0;
        if (_confirms is not null)
        {
            tag = Turn(_confirms.NextTag());
        }
        else if (_turn is not null || (_traits.Flags & MessageFlags.Mandatory) != 0)
        {
            tag = Turn(_turn is null ? 1 : _turn.Last + 1); // a queue that has ended may return it; those behind it stay behind it
        }

        Route(ref message, _turn, tag, PublishRouting.TurnBudget);
    }

    /// <summary>Routes the message that would have taken too long on the thread of a socket. In a turn of its own, on another thread.</summary>
    public void RouteLate()
    {
        var (message, confirm, tag) = _late;
        _late = default;
        try
        {
            Route(ref message, confirm, tag);
        }
        finally
        {
            confirm?.Done();
        }
    }

    private ulong Turn(ulong tag)
    {
        if (_turn is null)
        {
            _turn = new ChannelConfirm(this, tag);
            _connection.Confirming(this);
        }

        return _turn.Last = tag;
    }

    private void ReplaceReplyTo(ref Message message)
    {
        if (_channel.Replies is not { } replies)
        {
            return; // cancelled between header and body
        }

        var properties = new AmqpWriter();
        PropertyEditor.SetReplyTo(message.Properties, replies.Address, properties);
        PublishRouting.Replace(ref message, properties.Written);
    }

    private bool TryTargets(ref Message message, long budget, out ReadOnlySpan<QueueAddress> targets)
    {
        if (_exchanges.Find(message.Exchange, _connection.VirtualHost) is { } exchange)
        {
            return PublishRouting.TryTargets(ref message, exchange, _connection.VirtualHost, _cache, budget, out targets);
        }

        targets = default;
        return true;
    }

    /// <summary>basic.return (60, 50). On the read loop, or from a queue that had ended before the message came.</summary>
    public void Return(in Message message)
    {
        lock (_connection.Outbox.Lock)
        {
            if (_channel.IsClosing)
            {
                return;
            }

            DeliveryFrames.WriteReturn(_connection.Outbox, _channel.Id, message, _connection.FrameMax);
        }

        _connection.Outbox.RequestFlush();
    }

    private sealed class ChannelConfirm(ChannelPublisher publisher, ulong first) : ConfirmBatch(first)
    {
        public override void Return(in Message message, ulong tag) => publisher.Return(message);

        protected override void Completed() => publisher.WriteConfirms();
    }
}
