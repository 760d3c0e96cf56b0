using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Exchanges;

/// <summary>
/// The further routing keys a publisher put into the headers CC and BCC: the message is routed by them as by its own
/// key. Points into the headers; allocates nothing.
/// </summary>
/// <remarks>CC stays in the message, BCC has to be taken out before it is stored.</remarks>
internal readonly ref struct CarbonCopies
{
    /// <summary>Most further routing keys of one message, both headers together.</summary>
    public const int MaxKeys = 4096;

    private readonly ReadOnlySpan<byte> _cc;
    private readonly ReadOnlySpan<byte> _bcc;

    private CarbonCopies(ReadOnlySpan<byte> cc, ReadOnlySpan<byte> bcc, bool hasBcc)
    {
        _cc = cc;
        _bcc = bcc;
        HasBcc = hasBcc;
    }

    /// <summary>Name of the header that stays.</summary>
    public static ReadOnlySpan<byte> CcName => "CC"u8;

    /// <summary>Name of the header that receivers must not see.</summary>
    public static ReadOnlySpan<byte> BccName => "BCC"u8;

    /// <summary>True when there are no further keys.</summary>
    public bool IsEmpty => _cc.IsEmpty && _bcc.IsEmpty;

    /// <summary>True when the headers contain BCC, which has to be removed.</summary>
    public bool HasBcc { get; }

    /// <summary>Looks for CC and BCC. Elements that are no long strings are ignored.</summary>
    /// <param name="headers">The encoded headers table without its length; empty when there is none.</param>
    /// <exception cref="ChannelException">406: CC or BCC is not an array, or they have more than <see cref="MaxKeys"/> elements.</exception>
    /// <exception cref="ConnectionException">502: the table is malformed.</exception>
    public static CarbonCopies Parse(ReadOnlySpan<byte> headers)
    {
        if (headers.IsEmpty)
        {
            return default;
        }

        var cc = FindArray(headers, CcName, out _);
        var bcc = FindArray(headers, BccName, out var hasBcc);
        RefuseTooMany(cc, bcc);
        return new CarbonCopies(cc, bcc, hasBcc);
    }

    /// <summary>Walks the keys, CC first.</summary>
    public Enumerator GetEnumerator() => new(_cc, _bcc);

    private static void RefuseTooMany(ReadOnlySpan<byte> cc, ReadOnlySpan<byte> bcc)
    {
        if (cc.Length + bcc.Length <= MaxKeys)
        {
            return; // an element has a byte at least
        }

        var count = 0;
        foreach (var _ in FieldTableBytes.EnumerateArray(cc))
        {
            count++;
        }

        foreach (var _ in FieldTableBytes.EnumerateArray(bcc))
        {
            count++;
        }

        if (count > MaxKeys)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, $"invalid message: {count} routing keys in CC and BCC, at most {MaxKeys} are allowed");
        }
    }

    private static ReadOnlySpan<byte> FindArray(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name, out bool found)
    {
        found = FieldTableBytes.TryFind(headers, name, out var type, out var value);
        if (found && type != FieldType.Array)
        {
            var text = System.Text.Encoding.UTF8.GetString(name);
            throw new ChannelException(
                ReplyCode.PreconditionFailed,
                $"invalid message: {{unacceptable_type_in_header,\"{text}\",{ReplyTerms.TypeName(type)}}}");
        }

        return value;
    }

    /// <summary>Walks the keys of both headers. Made for <c>foreach</c>.</summary>
    public ref struct Enumerator
    {
        private FieldEnumerator _keys;
        private ReadOnlySpan<byte> _next;

        internal Enumerator(ReadOnlySpan<byte> cc, ReadOnlySpan<byte> bcc)
        {
            _keys = FieldTableBytes.EnumerateArray(cc);
            _next = bcc;
        }

        /// <summary>The routing key that the last <see cref="MoveNext"/> found.</summary>
        public readonly ReadOnlySpan<byte> Current => _keys.Current.Value;

        /// <summary>Goes to the next key.</summary>
        public bool MoveNext()
        {
            while (true)
            {
                while (_keys.MoveNext())
                {
                    if (_keys.Current.Type == FieldType.LongString)
                    {
                        return true;
                    }
                }

                if (_next.IsEmpty)
                {
                    return false;
                }

                _keys = FieldTableBytes.EnumerateArray(_next);
                _next = default;
            }
        }
    }
}
