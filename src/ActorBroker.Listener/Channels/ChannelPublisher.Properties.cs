using ActorBroker.Amqp;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Publishing;

namespace ActorBroker.Listener.Channels;

/// <content>What the properties of a message ask for.</content>
internal sealed partial class ChannelPublisher
{
    private const int LongestPlain = 128;

    private byte[]? _plain; // the last properties that ask for nothing special
    private PublishTraits _plainTraits; // of a publish that is not mandatory

    /// <summary>What the broker must know of a message's properties, and what it must refuse, before any memory is taken.</summary>
    /// <exception cref="ChannelException">403, 406.</exception>
    private void Inspect(ReadOnlySpan<byte> encoded)
    {
        if (_plain is { } plain && encoded.SequenceEqual(plain))
        {
            _traits = _content.Mandatory ? _plainTraits with { Flags = _plainTraits.Flags | MessageFlags.Mandatory } : _plainTraits;
            return;
        }

        _traits = PublishChecks.Inspect(encoded, _content.Mandatory, _exchange);
        if (_traits.AsksForReply && _channel.Replies is null)
        {
            throw PublishChecks.NoReplyConsumer();
        }

        if (_traits.IsPlain && encoded.Length <= LongestPlain)
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

        _plainTraits = _traits with { Flags = _traits.Flags & ~MessageFlags.Mandatory };
    }
}
