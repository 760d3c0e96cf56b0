using System.Diagnostics;
using ActorBroker.Amqp;
using ActorBroker.Core.Messages;

namespace ActorBroker.Listener.Channels;

/// <summary>
/// Puts one publish together: names from the method, the content header, then body frames as they come, side by side in memory.
/// A large body takes memory as it arrives, not as it is announced.
/// </summary>
internal sealed class ContentAssembly(SlabWriter slabs)
{
    private readonly byte[] _names = new byte[512];
    private int _namesLength;
    private Message _message;
    private int _arrived;

    /// <summary>What the channel expects next.</summary>
    public ContentStep Step { get; private set; }

    /// <summary>basic.publish asked for basic.return.</summary>
    public bool Mandatory { get; private set; }

    /// <summary>Exchange of the publish that is going on.</summary>
    public ReadOnlySpan<byte> Exchange => _names.AsSpan(1, _names[0]);

    /// <summary>Routing key of the publish that is going on.</summary>
    public ReadOnlySpan<byte> RoutingKey => _names.AsSpan(2 + _names[0], _namesLength - 2 - _names[0]);

    /// <summary>basic.publish came.</summary>
    public void Begin(ReadOnlySpan<byte> exchange, ReadOnlySpan<byte> routingKey, bool mandatory)
    {
        _names[0] = (byte)exchange.Length;
        exchange.CopyTo(_names.AsSpan(1));
        _names[1 + exchange.Length] = (byte)routingKey.Length;
        routingKey.CopyTo(_names.AsSpan(2 + exchange.Length));
        _namesLength = exchange.Length + routingKey.Length + 2;
        Mandatory = mandatory;
        Step = ContentStep.Header;
    }

    /// <summary>basic.publish came with the names and the flag of the one before.</summary>
    public void BeginAgain() => Step = ContentStep.Header;

    /// <summary>Had the last publish these two short strings, exchange and routing key?</summary>
    public bool HasNames(ReadOnlySpan<byte> names) => names.SequenceEqual(_names.AsSpan(0, _namesLength));

    /// <summary>The content header came and was found good.</summary>
    /// <param name="payload">Payload of the header frame.</param>
    /// <param name="bodySize">Bytes of the body, at most max-message-size.</param>
    /// <returns>True when there is no body to wait for.</returns>
    public bool Header(ReadOnlySpan<byte> payload, int bodySize)
    {
        Debug.Assert(Step == ContentStep.Header);
        var fixedPart = _namesLength + payload.Length;
        var (buffer, owner, offset) = fixedPart + bodySize <= Slab.LargestShared
            ? slabs.Allocate(fixedPart + bodySize)
            : (GC.AllocateUninitializedArray<byte>(fixedPart), null, 0); // its body takes memory when it comes
        _names.AsSpan(0, _namesLength).CopyTo(buffer.AsSpan(offset));
        payload.CopyTo(buffer.AsSpan(offset + _namesLength));
        _message = new Message
        {
            Buffer = buffer,
            Owner = owner,
            Offset = offset,
            NamesLength = (ushort)_namesLength,
            HeaderLength = payload.Length,
            BodyLength = bodySize,
        };
        _arrived = 0;
        Step = ContentStep.Body;
        return bodySize == 0;
    }

    /// <summary>A body frame came.</summary>
    /// <returns>True when the body is complete.</returns>
    /// <exception cref="ConnectionException">501: more bytes than announced.</exception>
    public bool Body(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _message.BodyLength - _arrived)
        {
            throw new ConnectionException(ReplyCode.FrameError, $"body of {_arrived + piece.Length} bytes, {_message.BodyLength} were announced");
        }

        var start = _message.Offset + _namesLength + _message.HeaderLength + _arrived;
        if (_message.Owner is null && _message.Buffer!.Length - start < piece.Length)
        {
            Enlarge(start + piece.Length);
        }

        piece.CopyTo(_message.Buffer.AsSpan(start));
        _arrived += piece.Length;
        return _arrived == _message.BodyLength;
    }

    /// <summary>Takes the complete message out.</summary>
    public Message Take()
    {
        var message = _message;
        _message = default;
        Step = ContentStep.None;
        return message;
    }

    /// <summary>Forgets a publish that will not be completed.</summary>
    public void Abandon()
    {
        if (Step == ContentStep.Body)
        {
            _message.Release();
        }

        _message = default;
        Step = ContentStep.None;
    }

    private void Enlarge(int needed)
    {
        var whole = _namesLength + _message.HeaderLength + _message.BodyLength;
        var larger = GC.AllocateUninitializedArray<byte>(Math.Min(whole, Math.Max(needed, _message.Buffer!.Length * 4)));
        _message.Buffer.CopyTo(larger, 0);
        _message.Buffer = larger;
    }
}

/// <summary>Where a channel stands between two methods.</summary>
internal enum ContentStep
{
    /// <summary>Expects a method.</summary>
    None,

    /// <summary>Expects a content header.</summary>
    Header,

    /// <summary>Expects body frames.</summary>
    Body,
}
