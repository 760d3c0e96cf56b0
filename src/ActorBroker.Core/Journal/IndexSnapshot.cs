namespace ActorBroker.Core.Journal;

/// <summary>Writes the index of a log as a snapshot.</summary>
/// <remarks>
/// Layout, numbers as in <see cref="RecordTag"/>: version; last event; number of events, then these in groups of alike neighbours (see
/// <see cref="AlikeGroup"/>: step of the number, overhead, bytes); events with shared bodies (step, bodies); queues by uid. A queue: uid,
/// mark (0 none, 1 all, 2 and how far), next sequence; delivery counts (step, count); relocated messages (step, signed step of the event, size, shared body + 1);
/// extents until a 0 byte. An extent is the live messages of one event: its kind; step of the event, gap before the first sequence,
/// span, shared body + 1 and size of the first; plain ones are again in groups. Then as the kind says a bitmap, and for each message the
/// signed difference of its size to the one before, and of its shared body to the one after the one before.
/// The last four bytes are the CRC-32C of all before.
/// </remarks>
internal static class IndexSnapshot
{
    /// <summary>First byte when no mark says how far.</summary>
    public const byte Version = 1;

    /// <summary>First byte when one does.</summary>
    public const byte WithMarks = 2;

    /// <summary>An extent follows.</summary>
    public const int Extent = 1;

    /// <summary>Not all sequences of the span are live: a bitmap tells which are.</summary>
    public const int Holes = 2;

    /// <summary>The bodies are not of one size.</summary>
    public const int Sizes = 4;

    /// <summary>The shared bodies do not follow each other as the sequences do, or not all bodies are shared.</summary>
    public const int Slots = 8;

    /// <summary>The snapshot.</summary>
    public static byte[] Write(long lastSequenceNr, SegmentList segments, Dictionary<long, QueueIndex> queues)
    {
        var bytes = new ByteBuilder(4096);
        bytes.Byte(queues.Values.Any(HasPosition) ? WithMarks : Version);
        bytes.Varint(lastSequenceNr);
        WriteSegments(bytes, segments);
        WriteShared(bytes, segments);
        bytes.Varint(queues.Count);
        foreach (var queue in queues.Values.OrderBy(q => q.Queue))
        {
            WriteQueue(bytes, queue);
        }

        Crc32C.Close(bytes);
        return bytes.ToArray();
    }

    private static void WriteSegments(ByteBuilder bytes, SegmentList segments)
    {
        bytes.Varint(segments.Count);
        var group = new AlikeGroup();
        var (before, alike) = (0L, default((long Step, int Overhead)));
        for (var i = 0; i < segments.Count; i++)
        {
            ref var segment = ref segments[i];
            var head = (segment.SequenceNr - before, segment.Live == 0 ? 0 : segment.Overhead);
            if (group.Count > 0 && (head != alike || !group.Takes(segment.Bytes)))
            {
                Flush();
            }

            alike = head;
            group.Add(segment.Bytes);
            before = segment.SequenceNr;
        }

        if (group.Count > 0)
        {
            Flush();
        }

        void Flush()
        {
            group.WriteCount(bytes);
            bytes.Varint(alike.Step);
            bytes.Varint(alike.Overhead);
            group.WriteValues(bytes);
        }
    }

    private static void WriteShared(ByteBuilder bytes, SegmentList segments)
    {
        bytes.Varint(segments.SharedEvents);
        var before = 0L;
        for (var i = 0; i < segments.Count && segments.SharedEvents > 0; i++)
        {
            if (segments.SharedOf(segments[i].SequenceNr) is { } holders)
            {
                bytes.Varint(segments[i].SequenceNr - before);
                bytes.Varint(holders.Length);
                before = segments[i].SequenceNr;
            }
        }
    }

    private static void WriteQueue(ByteBuilder bytes, QueueIndex queue)
    {
        bytes.Varint(queue.Queue);
        bytes.Byte((byte)(HasPosition(queue) ? 2 : queue.MarkedUpTo > 0 ? 1 : 0));
        if (HasPosition(queue))
        {
            bytes.Varint(queue.MarkedUpTo);
        }

        bytes.Varint(queue.NextSequence);
        WriteDeliveryCounts(bytes, queue);
        WriteMoved(bytes, queue);
        ExtentWriter.Write(bytes, queue.Runs);
        bytes.Byte(0);
    }

    private static bool HasPosition(QueueIndex queue) => queue.MarkedUpTo is > 0 and < LogEventWriter.Everything;

    private static void WriteDeliveryCounts(ByteBuilder bytes, QueueIndex queue)
    {
        bytes.Varint(queue.DeliveryCounts?.Count ?? 0);
        var before = 0L;
        foreach (var (sequence, count) in (queue.DeliveryCounts ?? []).OrderBy(p => p.Key))
        {
            bytes.Varint(sequence - before);
            bytes.Varint(count);
            before = sequence;
        }
    }

    private static void WriteMoved(ByteBuilder bytes, QueueIndex queue)
    {
        bytes.Varint(queue.Moved?.Live ?? 0);
        var (before, place) = (0L, 0L);
        for (var i = 0; i < (queue.Moved?.Count ?? 0); i++)
        {
            ref readonly var message = ref queue.Moved![i];
            if (message.SequenceNr != 0)
            {
                bytes.Varint(message.Sequence - before);
                bytes.Signed(message.SequenceNr - place);
                bytes.Varint(message.Size);
                bytes.Varint(message.Slot + 1);
                (before, place) = (message.Sequence, message.SequenceNr);
            }
        }
    }
}
