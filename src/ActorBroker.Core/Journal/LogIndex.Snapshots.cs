namespace ActorBroker.Core.Journal;

/// <content>Snapshots.</content>
internal sealed partial class LogIndex
{
    /// <summary>
    /// The index as of <see cref="LastSequenceNr"/>, without bodies: with the events after it, it gives the same index again. A few bytes
    /// per event where neighbours are alike, with a checksum.
    /// </summary>
    public byte[] ToSnapshot() => IndexSnapshot.Write(LastSequenceNr, _segments, _queues);

    /// <summary>The index that a snapshot holds.</summary>
    /// <exception cref="InvalidDataException">The snapshot is damaged, or of a version that is not known.</exception>
    public static LogIndex FromSnapshot(byte[] state)
    {
        var index = new LogIndex();
        var reader = new IndexSnapshotReader(state, index._segments, index._runs);
        index.LastSequenceNr = reader.ReadLog();
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            reader.ReadQueue(index.FindOrAdd(reader.ReadQueueId()));
        }

        reader.End();
        return index;
    }
}
