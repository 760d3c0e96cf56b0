using ActorBroker.Core.Journal;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <summary>
/// Topology events and snapshots as bytes. A format is for ever: what any version has written is read by all later ones.
/// </summary>
/// <remarks>
/// An event is the format's version, one byte that tells which event, its fields, and the CRC-32C of all that and of the place, little-endian. A snapshot is
/// the version and the events that lead to the state, one behind the other, and the checksum. A new event takes a new tag and raises
/// <see cref="Version"/>. Formats 1 and 2 have no checksum and manifests of their own: a damaged first byte does not make one into the other.
/// </remarks>
internal static class TopologyCodec
{
    /// <summary>The newest format, which is written. 2 added permissions on topics, 3 the checksum.</summary>
    public const byte Version = 3;

    /// <summary>Manifest of an event in the store.</summary>
    public const string EventManifest = "topology.event.3";

    /// <summary>Manifest of a snapshot in the store.</summary>
    public const string SnapshotManifest = "topology.snapshot.3";

    /// <summary>Manifest of an event without a checksum: read for ever.</summary>
    public const string OldEventManifest = "topology.event";

    /// <summary>Manifest of a snapshot without a checksum: read for ever.</summary>
    public const string OldSnapshotManifest = "topology.snapshot";

    private const byte LastWithoutChecksum = 2;

    /// <summary>An event as bytes.</summary>
    /// <param name="event">The event.</param>
    /// <param name="place">Where in the log it goes: one of <see cref="LogPlaces"/>.</param>
    /// <exception cref="ArgumentException">It is not to be journaled.</exception>
    public static byte[] Encode(ITopologyEvent @event, long place = 0) => Encode([@event], place);

    /// <summary>The event that these bytes are.</summary>
    /// <exception cref="TopologyFormatException">They are damaged.</exception>
    public static ITopologyEvent Decode(ReadOnlySpan<byte> bytes, string manifest = EventManifest, long place = 0)
    {
        var reader = Open(manifest == EventManifest, bytes, place);
        var @event = Read(ref reader);
        return reader.AtEnd ? @event : throw new TopologyFormatException("a record of the topology is damaged: it goes on behind its end");
    }

    /// <summary>A snapshot of what these events lead to.</summary>
    /// <exception cref="ArgumentException">One is not to be journaled.</exception>
    public static byte[] EncodeSnapshot(IEnumerable<ITopologyEvent> facts) => Encode(facts, place: 0);

    /// <summary>The events that lead to the state of a snapshot.</summary>
    /// <exception cref="TopologyFormatException">It is damaged.</exception>
    public static IReadOnlyList<ITopologyEvent> DecodeSnapshot(ReadOnlySpan<byte> bytes, string manifest = SnapshotManifest)
    {
        var reader = Open(manifest == SnapshotManifest, bytes, place: 0);
        var facts = new List<ITopologyEvent>();
        while (!reader.AtEnd)
        {
            facts.Add(Read(ref reader));
        }

        return facts;
    }

    private static RecordReader Open(bool hasChecksum, ReadOnlySpan<byte> bytes, long place)
    {
        if (hasChecksum && !Crc32C.IsRight(bytes, place))
        {
            throw new TopologyFormatException("a record of the topology is damaged: its checksum is wrong");
        }

        var reader = new RecordReader(hasChecksum ? bytes[..^Crc32C.Length] : bytes);
        var version = reader.Byte();
        var (lowest, highest) = hasChecksum ? (Version, Version) : ((byte)1, LastWithoutChecksum);
        return version >= lowest && version <= highest
            ? reader
            : throw new TopologyFormatException($"a record of the topology is damaged: its first byte is {version}, which is not between {lowest} and {highest}");
    }

    private static byte[] Encode(IEnumerable<ITopologyEvent> facts, long place)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        foreach (var fact in facts)
        {
            Write(writer, fact);
        }

        return writer.ToCheckedArray(place);
    }

    private static void Write(RecordWriter writer, ITopologyEvent @event)
    {
        if (!@event.Journaled)
        {
            throw new ArgumentException($"{@event} is not to be journaled.", nameof(@event));
        }

        switch (@event)
        {
            case TopologyEvents.StoreCreated e:
                writer.Byte(Tag.StoreCreated);
                writer.Number(e.QueueGroups);
                break;
            case TopologyEvents.UidsUsed e:
                writer.Byte(Tag.UidsUsed);
                writer.Number(e.Highest);
                break;
            case TopologyEvents.VirtualHostAdded e:
                writer.Byte(Tag.VirtualHostAdded);
                writer.Text(e.VirtualHost);
                break;
            case TopologyEvents.VirtualHostRemoved e:
                writer.Byte(Tag.VirtualHostRemoved);
                writer.Text(e.VirtualHost);
                break;
            case TopologyEvents.ExchangeDeclared e:
                writer.Byte(Tag.ExchangeDeclared);
                TopologyRecords.Write(writer, e.Exchange);
                break;
            case TopologyEvents.ExchangeDeleted e:
                writer.Byte(Tag.ExchangeDeleted);
                TopologyRecords.Write(writer, e.Exchange);
                break;
            case TopologyEvents.QueueDeclared e:
                writer.Byte(Tag.QueueDeclared);
                TopologyRecords.Write(writer, e.Queue);
                break;
            case TopologyEvents.QueueDeleted e:
                writer.Byte(Tag.QueueDeleted);
                TopologyRecords.Write(writer, e.Queue);
                break;
            case TopologyEvents.Bound e:
                writer.Byte(Tag.Bound);
                TopologyRecords.Write(writer, e.Binding);
                break;
            case TopologyEvents.Unbound e:
                writer.Byte(Tag.Unbound);
                TopologyRecords.Write(writer, e.Binding);
                break;
            case TopologyEvents.UserPut e:
                writer.Byte(Tag.UserPut);
                TopologyRecords.Write(writer, e.User);
                break;
            case TopologyEvents.UserRemoved e:
                writer.Byte(Tag.UserRemoved);
                writer.Text(e.Name);
                break;
            case TopologyEvents.PermissionsSet e:
                writer.Byte(Tag.PermissionsSet);
                writer.Text(e.User);
                writer.Text(e.VirtualHost);
                TopologyRecords.Write(writer, e.Permissions);
                break;
            case TopologyEvents.PermissionsCleared e:
                writer.Byte(Tag.PermissionsCleared);
                writer.Text(e.User);
                writer.Text(e.VirtualHost);
                break;
            case TopologyEvents.TopicPermissionsSet e:
                writer.Byte(Tag.TopicPermissionsSet);
                writer.Text(e.User);
                writer.Text(e.VirtualHost);
                writer.Text(e.Exchange);
                writer.Text(e.Topics.Write);
                writer.Text(e.Topics.Read);
                break;
            case TopologyEvents.TopicPermissionsCleared e:
                writer.Byte(Tag.TopicPermissionsCleared);
                writer.Text(e.User);
                writer.Text(e.VirtualHost);
                writer.Text(e.Exchange ?? ""); // no exchange that has permissions is called that
                break;
            default:
                throw new ArgumentException($"{@event} has no format.", nameof(@event));
        }
    }

    private static ITopologyEvent Read(ref RecordReader reader)
    {
        var tag = reader.Byte();
        return tag switch
        {
            Tag.StoreCreated => new TopologyEvents.StoreCreated((int)reader.Number()),
            Tag.UidsUsed => new TopologyEvents.UidsUsed(reader.Number()),
            Tag.VirtualHostAdded => new TopologyEvents.VirtualHostAdded(reader.Text()),
            Tag.VirtualHostRemoved => new TopologyEvents.VirtualHostRemoved(reader.Text()),
            Tag.ExchangeDeclared => new TopologyEvents.ExchangeDeclared(TopologyRecords.ReadExchange(ref reader)),
            Tag.ExchangeDeleted => new TopologyEvents.ExchangeDeleted(TopologyRecords.ReadExchange(ref reader)),
            Tag.QueueDeclared => new TopologyEvents.QueueDeclared(TopologyRecords.ReadQueue(ref reader)),
            Tag.QueueDeleted => new TopologyEvents.QueueDeleted(TopologyRecords.ReadQueue(ref reader)),
            Tag.Bound => new TopologyEvents.Bound(TopologyRecords.ReadBinding(ref reader)),
            Tag.Unbound => new TopologyEvents.Unbound(TopologyRecords.ReadBinding(ref reader)),
            Tag.UserPut => new TopologyEvents.UserPut(TopologyRecords.ReadUser(ref reader)),
            Tag.UserRemoved => new TopologyEvents.UserRemoved(reader.Text()),
            Tag.PermissionsSet => new TopologyEvents.PermissionsSet(reader.Text(), reader.Text(), TopologyRecords.ReadPermissions(ref reader)),
            Tag.PermissionsCleared => new TopologyEvents.PermissionsCleared(reader.Text(), reader.Text()),
            Tag.TopicPermissionsSet => ReadTopicPermissions(ref reader),
            Tag.TopicPermissionsCleared => new TopologyEvents.TopicPermissionsCleared(
                reader.Text(), reader.Text(), reader.Text() is { Length: > 0 } exchange ? exchange : null),
            _ => throw new TopologyFormatException($"a record of the topology is damaged: there is no event {tag} in formats 1 to {Version}"),
        };
    }

    private static TopologyEvents.TopicPermissionsSet ReadTopicPermissions(ref RecordReader reader)
    {
        var (user, host, exchange, write, read) = (reader.Text(), reader.Text(), reader.Text(), reader.Text(), reader.Text());
        try
        {
            return new TopologyEvents.TopicPermissionsSet(user, host, exchange, new TopicPermissions(user, host, write, read));
        }
        catch (ArgumentException e)
        {
            throw new TopologyFormatException($"permissions of user '{user}' on topics cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Which event a record is. Never given to another.</summary>
    private static class Tag
    {
        public const byte StoreCreated = 1;
        public const byte UidsUsed = 2;
        public const byte VirtualHostAdded = 3;
        public const byte VirtualHostRemoved = 4;
        public const byte ExchangeDeclared = 5;
        public const byte ExchangeDeleted = 6;
        public const byte QueueDeclared = 7;
        public const byte QueueDeleted = 8;
        public const byte Bound = 9;
        public const byte Unbound = 10;
        public const byte UserPut = 11;
        public const byte UserRemoved = 12;
        public const byte PermissionsSet = 13;
        public const byte PermissionsCleared = 14;
        public const byte TopicPermissionsSet = 15;
        public const byte TopicPermissionsCleared = 16;
    }
}
