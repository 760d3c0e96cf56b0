using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Journal;

/// <summary>
/// Reads the records of one event, without copies: messages lie in the event's array. What comes from the store is checked before, by
/// <see cref="LogEventFormat"/>.
/// </summary>
/// <remarks>Every step may throw <see cref="InvalidDataException"/>, which says what is wrong and where.</remarks>
internal ref struct LogEventReader
{
    private readonly byte[] _event;
    private ByteParser _parser;
    private long _ranges; // of the Settled record at hand, still to come
    private long _messageQueue;
    private long _messageSequence;
    private int _tag;
    private int _offset;
    private int _names;
    private int _header;
    private int _body;
    private byte _flags;
    private byte _priority;

    /// <summary>Reads an event's head.</summary>
    /// <exception cref="InvalidDataException">Not an event of a version that is known.</exception>
    public LogEventReader(byte[] @event)
    {
        _event = @event;
        var version = @event is [var first, ..] ? first : (byte)0;
        var end = version == RecordTag.Version ? Math.Max(1, @event.Length - Crc32C.Length) : @event.Length;
        _parser = new ByteParser("An event of a queue group's log", @event.AsSpan(0, end));
        _parser.Byte();
        if (version is not (RecordTag.Version or RecordTag.VersionWithoutChecksum))
        {
            _parser.Fail($"its version is {version}, known are {RecordTag.VersionWithoutChecksum} and {RecordTag.Version}");
        }

        UnixMilliseconds = _parser.Varint();
    }

    /// <summary>The time of the event.</summary>
    public long UnixMilliseconds { get; }

    /// <summary>What the record says.</summary>
    public LogRecordKind Kind { get; private set; }

    /// <summary>The queue's uid.</summary>
    public long Queue { get; private set; }

    /// <summary>The message's number in its queue: Appended, Relocated, Returned.</summary>
    public long Sequence { get; private set; }

    /// <summary>When the message came, Unix milliseconds: the event's time, or the original one of a relocated message.</summary>
    public long MessageTime { get; private set; }

    /// <summary>Settled: one range of the record, which may have several; each is a step of its own.</summary>
    public SequenceRange Range { get; private set; }

    /// <summary>Returned: how often the message was handed out and came back.</summary>
    public int DeliveryCount { get; private set; }

    /// <summary>Marked: messages up to this one may have been handed out. 0 for none, <see cref="LogEventWriter.Everything"/> for all.</summary>
    public long MarkedUpTo { get; private set; }

    /// <summary>Appended, Relocated: the message, whose buffer is the event's array and which has no owner.</summary>
    public readonly Message Message => new()
    {
        Buffer = _event,
        Sequence = Sequence,
        Offset = _offset,
        NamesLength = (ushort)_names,
        HeaderLength = _header,
        BodyLength = _body,
        Priority = _priority,
        Flags = ((MessageFlags)_flags & ~RecordTag.NotStored) | (IsShared ? MessageFlags.Shared : 0),
    };

    /// <summary>Appended, Relocated: other records of this event may have the same bytes.</summary>
    internal readonly bool IsShared => (_tag & RecordTag.Shared) != 0;

    /// <summary>Appended, Relocated: the bytes belong to an earlier record.</summary>
    internal readonly bool IsReference => (_tag & RecordTag.Reference) != 0;

    /// <summary>Appended, Relocated: where the bytes are.</summary>
    internal readonly int Offset => _offset;

    /// <summary>Appended, Relocated: bytes of the body.</summary>
    internal readonly int BodyLength => _body;

    /// <summary>Appended, Relocated: bytes of names and header.</summary>
    internal readonly int HeadLength => _names + _header;

    /// <summary>Steps to the next record, or to the next range of the record at hand.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The event is damaged.</exception>
    public bool MoveNext()
    {
        if (_ranges > 0)
        {
            ReadRange(Range.Last);
            return true;
        }

        if (_parser.AtEnd)
        {
            Kind = LogRecordKind.None;
            return false;
        }

        _tag = _parser.Byte();
        Kind = (LogRecordKind)(_tag & RecordTag.Kind);
        if (Kind == LogRecordKind.None || (_tag & ~RecordTag.Allowed(Kind)) != 0)
        {
            _parser.Fail($"unknown record 0x{_tag:x2}");
        }

        switch (Kind)
        {
            case LogRecordKind.Appended:
                ReadIdentity();
                MessageTime = UnixMilliseconds;
                ReadMessage();
                break;
            case LogRecordKind.Relocated:
                ReadIdentity();
                MessageTime = unchecked(UnixMilliseconds + _parser.Signed());
                ReadMessage();
                break;
            case LogRecordKind.Settled:
                Queue = _parser.Varint();
                _ranges = _parser.Varint(1, _event.Length, "the number of ranges");
                ReadRange(0);
                break;
            case LogRecordKind.Returned:
                Queue = _parser.Varint();
                Sequence = _parser.Varint(1, long.MaxValue, "a sequence");
                DeliveryCount = _parser.Int(0, int.MaxValue, "a delivery count");
                break;
            case LogRecordKind.Marked:
                Queue = _parser.Varint();
                MarkedUpTo = ReadMark();
                break;
            default:
                Queue = _parser.Varint();
                break;
        }

        return true;
    }

    private long ReadMark()
    {
        switch (_tag & (RecordTag.Consumed | RecordTag.UpTo))
        {
            case 0:
                return 0;
            case RecordTag.Consumed:
                return LogEventWriter.Everything;
            case RecordTag.UpTo:
                _parser.Fail("a mark says how far, and that it is none");
                return 0;
            default:
                return _parser.Varint(1, long.MaxValue, "a mark");
        }
    }

    private void ReadIdentity()
    {
        if ((_tag & RecordTag.Next) == 0)
        {
            Queue = _parser.Varint();
            Sequence = _parser.Varint(1, long.MaxValue, "a sequence");
        }
        else
        {
            if (_messageSequence is 0 or long.MaxValue)
            {
                _parser.Fail("there is no message before, whose next this could be");
            }

            Queue = _messageQueue;
            Sequence = _messageSequence + 1;
        }

        _messageQueue = Queue;
        _messageSequence = Sequence;
    }

    private void ReadMessage()
    {
        _flags = _parser.Byte();
        _priority = _parser.Byte();
        if (!IsReference)
        {
            ReadBytes();
            return;
        }

        var record = _parser.Position;
        var place = _parser.Int(0, record - 1, "the place of shared bytes");
        var back = _parser.Position;
        _parser.Position = place;
        ReadBytes();
        if (_parser.Position > record)
        {
            _parser.Fail($"shared bytes at {place} are not before the record that refers to them");
        }

        _parser.Position = back;
    }

    private void ReadBytes()
    {
        _names = _parser.Int(2, 512, "the length of names");
        _header = _parser.Int(Message.PropertiesOffset, _event.Length, "the length of a header");
        _body = _parser.Int(0, _event.Length, "the length of a body");
        _offset = _parser.Skip(_names, "names");
        _parser.Skip(_header, "a header");
        _parser.Skip(_body, "a body");
        var exchange = _event[_offset];
        if (exchange + 2 > _names || exchange + 2 + _event[_offset + 1 + exchange] != _names)
        {
            _parser.Fail($"names of {_names} bytes are not two short strings");
        }
    }

    private void ReadRange(long before)
    {
        _ranges--;
        var first = unchecked(before + _parser.Signed());
        if (first < 1)
        {
            _parser.Fail($"a range starts with {first}");
        }

        Range = new SequenceRange(first, first + _parser.Varint(0, long.MaxValue - first, "the length of a range"));
    }
}
