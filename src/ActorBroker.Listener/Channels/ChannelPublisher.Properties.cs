using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Publishing;

namespace ActorBroker.Listener.Channels;

/// <content>What the properties of a message ask for.</content>
internal sealed partial class ChannelPublisher
{
    private const int LongestPlain = 128;

    private byte[]? _plain; // the last properties that ask for nothing special
    private MessageFlags _plainFlags;
    private byte _plainPriority;

    /// <summary>What the broker must know of a message's properties, and what it must refuse, before any memory is taken.</summary>
    /// <exception cref="ChannelException">406.</exception>
    private void Inspect(ReadOnlySpan<byte> encoded)
    {
        if (_plain is { } plain && encoded.SequenceEqual(plain))
        {
            _flags = _content.Mandatory ? _plainFlags | MessageFlags.Mandatory : _plainFlags;
            _priority = _plainPriority;
            _repliesToChannel = false;
            return;
        }

        var properties = PropertyView.Parse(encoded);
        var flags = properties.Flags;
        _flags = (_content.Mandatory ? MessageFlags.Mandatory : MessageFlags.None)
            | ((flags & PropertyFlags.Headers) != 0 ? MessageFlags.HasHeaders : MessageFlags.None)
            | (properties.DeliveryMode == 2 ? MessageFlags.Persistent : MessageFlags.None);
        _priority = properties.Priority;
        _repliesToChannel = false;
        var copies = CarbonCopies.Parse(properties.Headers); // refused here, before the publish has a tag
        if (_topics is not null)
        {
            foreach (var key in copies)
            {
                CheckTopic(key);
            }
        }

        if ((flags & (PropertyFlags.Expiration | PropertyFlags.UserId | PropertyFlags.ReplyTo)) != 0)
        {
            InspectMore(properties);
        }
        else if (copies.IsEmpty && encoded.Length <= LongestPlain)
        {
            RememberPlain(encoded);
        }
    }

    /// <summary>A publisher mostly sends all its messages with the same properties; those of one without any are two bytes.</summary>
    private void RememberPlain(ReadOnlySpan<byte> encoded)
    {
        if (_plain?.Length == encoded.Length)
        {
            encoded.CopyTo(_plain);
        }
        else
        {
            _plain = encoded.ToArray();
        }

        _plainFlags = _flags & ~MessageFlags.Mandatory;
        _plainPriority = _priority;
    }

    private void InspectMore(in PropertyView properties)
    {
        if (properties.TryGetExpiration(out var expiration))
        {
            PublishRules.CheckExpiration(expiration);
            _flags |= MessageFlags.HasExpiration;
        }

        if (properties.TryGetUserId(out var user))
        {
            PublishRules.CheckUserId(user, _connection.Broker.Users.Find(_connection.User.Name) ?? _connection.User);
        }

        if (properties.TryGetReplyTo(out var replyTo) && replyTo.SequenceEqual(DirectReply.PseudoQueue))
        {
            _repliesToChannel = _channel.Replies is not null
                ? true
                : throw new ChannelException(ReplyCode.PreconditionFailed, "fast reply consumer does not exist", BasicPublish.Id);
        }
    }
}
