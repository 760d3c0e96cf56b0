using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Journal;

/// <summary>Messages and events for the specs.</summary>
internal static class LogMessages
{
    /// <summary>Names and header of every message made here.</summary>
    public const int Head = 2 + 1 + Message.PropertiesOffset + 2;

    [ThreadStatic]
    private static LogEventWriter? _writer;

    public static Message Create(long sequence, int bodyLength, MessageFlags flags = MessageFlags.Persistent)
    {
        var body = new byte[bodyLength];
        for (var i = 0; i < bodyLength; i++)
        {
            body[i] = (byte)(sequence + i);
        }

        var message = Message.Create(""u8, "q"u8, [0, 0], body);
        message.Sequence = sequence;
        message.Flags = flags;
        return message;
    }

    public static Message At(this Message message, long sequence)
    {
        message.Sequence = sequence;
        return message;
    }

    public static byte[] BytesOf(this Message message) => message.Buffer.AsSpan(message.Offset, message.Length).ToArray();

    public static byte[] Event(Action<LogEventWriter> write, long time = 1000)
    {
        var writer = _writer ??= new LogEventWriter();
        writer.Begin(time);
        write(writer);
        return writer.ToEvent();
    }

    /// <summary>The same event as older brokers wrote it, without a checksum.</summary>
    public static byte[] InFormat1(byte[] @event) => [1, .. @event.AsSpan(1, @event.Length - 5)];

    /// <summary>An event with messages <paramref name="first"/> to <paramref name="last"/> of a queue.</summary>
    public static byte[] Appended(long queue, long first, long last, int bodyLength = 10) => Event(w =>
    {
        for (var sequence = first; sequence <= last; sequence++)
        {
            w.Append(queue, Create(sequence, bodyLength));
        }
    });

    public static byte[] Settled(long queue, params SequenceRange[] ranges) => Event(w => w.Settle(queue, ranges));

    /// <summary>All records of an event, as text.</summary>
    public static List<string> Read(byte[] @event)
    {
        var records = new List<string>();
        var reader = new LogEventReader(@event);
        while (reader.MoveNext())
        {
            records.Add(reader.Kind switch
            {
                LogRecordKind.Appended or LogRecordKind.Relocated =>
                    $"{reader.Kind} {reader.Queue}/{reader.Sequence} {Text(reader.Message)} at {reader.MessageTime}",
                LogRecordKind.Settled => $"Settled {reader.Queue}/{reader.Range.First}-{reader.Range.Last}",
                LogRecordKind.Returned => $"Returned {reader.Queue}/{reader.Sequence} x{reader.DeliveryCount}",
                LogRecordKind.Marked => $"Marked {reader.Queue} {(reader.MarkedUpTo == LogEventWriter.Everything ? "all" : reader.MarkedUpTo)}",
                _ => $"{reader.Kind} {reader.Queue}",
            });
        }

        return records;
    }

    private static string Text(in Message message) =>
        $"{Convert.ToHexString(message.Names)}.{Convert.ToHexString(message.Header)}.{Convert.ToHexString(message.Body)}"
        + $" [{message.Flags}] ^{message.Priority} #{message.Sequence}";
}
