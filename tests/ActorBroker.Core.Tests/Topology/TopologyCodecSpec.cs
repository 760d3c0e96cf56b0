using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;
using CsCheck;
using static ActorBroker.Core.Tests.Topology.TopologyBench;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>What is written is read again, by every later version.</summary>
public sealed class TopologyCodecSpec
{
    private static readonly byte[] Salt = [1, 2, 3, 4];

    /// <summary>One of each event, with the bytes of the version that brought it. Add lines; never change or remove one.</summary>
    public static TheoryData<string, string> Golden => new()
    {
        { "stored in 8 groups", "010108" },
        { "uids to 300", "0102AC02" },
        { "vhost / added", "0103012F" },
        { "vhost tést removed", "010405" + "74C3A97374" },
        { "exchange declared", "0105012F04" + "6C6F6773" + "05" + "746F706963" + "0100" + "19" + "12616C7465726E6174652D65786368616E67655300000001" + "61" },
        { "exchange deleted", "0106012F01" + "65" + "06" + "646972656374" + "0001" + "00" },
        { "queue declared", "0107012F06" + "6F7264657273" + "AC02" + "00" + "12" + "0C782D6D61782D6C656E67746849000003E8" },
        { "queue deleted", "0108012F01" + "71" + "07" + "01" + "00" },
        { "bound to a queue", "0109012F04" + "6C6F6773" + "00" + "01" + "71" + "03" + "612E2A" + "00" },
        { "unbound from an exchange", "010A012F01" + "61" + "01" + "01" + "62" + "00" + "04" + "01787401" },
        {
            "user put",
            "010B05616C696365" + "1E" + "7261626269745F70617373776F72645F68617368696E675F736861323536"
            + "24" + "01020304" + "307D90CDB5884533375959FBA551782B1D36A4B4B0445D0104DC63A5ECDCF333" + "02" + "0161" + "0162" + "01" + "012F" + "022E2A" + "0161" + "00"
        },
        { "user put without a password", "010B03626F62" + "00" + "00" + "00" + "00" },
        { "user removed", "010C05616C696365" },
        { "permissions set", "010D05616C696365" + "012F" + "022E2A" + "035E6124" + "00" },
        { "permissions cleared", "010E05616C696365" + "012F" },
        { "topic permissions set", "020F05616C696365" + "012F" + "0174" + "035E6124" + "0B7B757365726E616D657D24" },
        { "topic permissions cleared", "021005616C696365" + "012F" + "0174" },
        { "topic permissions cleared everywhere", "021005616C696365" + "012F" + "00" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Reads_and_writes_what_the_first_version_that_knew_it_wrote(string what, string hex)
    {
        var bytes = TopologyCodec.Encode(Samples[what]);
        Assert.Equal("03" + hex[2..], Convert.ToHexString(bytes.AsSpan(0, bytes.Length - 4)));
        Assert.Equal(Describe(Samples[what]), Describe(TopologyCodec.Decode(Convert.FromHexString(hex), TopologyCodec.OldEventManifest)));
    }

    [Fact]
    public void An_event_has_a_checksum_from_format_3_on()
    {
        Assert.Equal("030108" + "B1A33113", Convert.ToHexString(TopologyCodec.Encode(Samples["stored in 8 groups"])));
        Assert.Equal(("topology.event.3", "topology.snapshot.3"), (TopologyCodec.EventManifest, TopologyCodec.SnapshotManifest));
    }

    [Theory]
    [InlineData("queue declared")]
    [InlineData("permissions cleared")]
    public void An_event_or_a_snapshot_with_one_wrong_byte_is_refused(string what)
    {
        var whole = TopologyCodec.Encode(Samples[what]);
        for (var i = 0; i < whole.Length * 255; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i / 255] ^= (byte)(1 + (i % 255));
            Assert.Throws<TopologyFormatException>(() => TopologyCodec.Decode(damaged));
            Assert.Throws<TopologyFormatException>(() => TopologyCodec.DecodeSnapshot(damaged));
        }
    }

    [Fact]
    public void Every_event_has_golden_bytes()
    {
        var sampled = Samples.Values.Select(e => e.GetType()).ToHashSet();
        Assert.Empty(typeof(TopologyEvents).GetNestedTypes().Where(t => t.IsAssignableTo(typeof(ITopologyEvent))).Except(sampled));
        Assert.Equal(Samples.Keys.Order(), Golden.Select(row => (string)row[0]).Order());
    }

    [Fact]
    public void Law_what_is_read_is_what_was_written() =>
        Facts.Sample(e => Assert.Equal(Describe(e), Describe(TopologyCodec.Decode(TopologyCodec.Encode(e)))));

    [Fact]
    public void Law_bytes_that_are_cut_off_or_too_many_are_refused() =>
        Gen.Select(Facts, Gen.Int[0, 1000]).Sample((e, at) =>
        {
            var bytes = TopologyCodec.Encode(e);
            Assert.Throws<TopologyFormatException>(() => TopologyCodec.Decode(bytes.AsSpan(0, at % bytes.Length)));
            Assert.Throws<TopologyFormatException>(() => TopologyCodec.Decode([.. bytes, 0]));
        });

    [Fact]
    public void What_makes_no_sense_says_why()
    {
        Assert.Contains("its first byte is 3, which is not between 1 and 2", Refused([3, 200, 1]));
        Assert.Contains("there is no event 200", Refused([1, 200]));
        Assert.Contains("type 'x-new'", Refused([1, 5, 0, 0, 5, .. "x-new"u8, 0, 0, 0]));

        static string Refused(byte[] bytes) =>
            Assert.Throws<TopologyFormatException>(() => TopologyCodec.Decode(bytes, TopologyCodec.OldEventManifest)).Message;
    }

    [Fact]
    public void What_is_not_journaled_has_no_bytes() =>
        Assert.Throws<ArgumentException>(() => TopologyCodec.Encode(new TopologyEvents.ExchangeDeclared(
            new ExchangeDefinition("/", "e", ExchangeType.Direct, Durable: false, false, false, FieldTable.Empty))));

    [Fact]
    public void The_bytes_of_a_snapshot_are_its_events()
    {
        ITopologyEvent[] facts = [Samples["stored in 8 groups"], Samples["uids to 300"], Samples["vhost / added"], Samples["queue declared"]];
        const string events = "0108" + "02AC02" + "03012F" + "07012F06" + "6F7264657273" + "AC02" + "00" + "12" + "0C782D6D61782D6C656E67746849000003E8";
        var bytes = TopologyCodec.EncodeSnapshot(facts);
        Assert.Equal("03" + events + "99322663", Convert.ToHexString(bytes));
        Assert.Equal(facts.Select(Describe), TopologyCodec.DecodeSnapshot(bytes).Select(Describe));
        Assert.Equal(
            facts.Select(Describe), TopologyCodec.DecodeSnapshot(Convert.FromHexString("01" + events), TopologyCodec.OldSnapshotManifest).Select(Describe));
    }

    private static Dictionary<string, ITopologyEvent> Samples => new()
    {
        ["stored in 8 groups"] = new TopologyEvents.StoreCreated(8),
        ["uids to 300"] = new TopologyEvents.UidsUsed(300),
        ["vhost / added"] = new TopologyEvents.VirtualHostAdded("/"),
        ["vhost tést removed"] = new TopologyEvents.VirtualHostRemoved("tést"),
        ["exchange declared"] = new TopologyEvents.ExchangeDeclared(new ExchangeDefinition(
            "/", "logs", ExchangeType.Topic, Durable: true, AutoDelete: true, Internal: false, Table(("alternate-exchange", "a")))),
        ["exchange deleted"] = new TopologyEvents.ExchangeDeleted(new ExchangeDefinition(
            "/", "e", ExchangeType.Direct, Durable: true, AutoDelete: false, Internal: true, FieldTable.Empty)),
        ["queue declared"] = new TopologyEvents.QueueDeclared(NewQueue("orders", 300, autoDelete: false, ("x-max-length", 1000))),
        ["queue deleted"] = new TopologyEvents.QueueDeleted(NewQueue("q", 7, autoDelete: true)),
        ["bound to a queue"] = new TopologyEvents.Bound(
            new BindingDefinition("/", "logs", DestinationKind.Queue, "q", "a.*", FieldTable.Empty, Durable: true)),
        ["unbound from an exchange"] = new TopologyEvents.Unbound(
            new BindingDefinition("/", "a", DestinationKind.Exchange, "b", "", Table(("x", true)), Durable: true)),
        ["user put"] = new TopologyEvents.UserPut(new User(
            "alice", PasswordHash.Create("secret", Salt), ["b", "a"], new Dictionary<string, Permissions> { ["/"] = new(".*", "a", "") })),
        ["user put without a password"] = new TopologyEvents.UserPut(new User("bob", null)),
        ["user removed"] = new TopologyEvents.UserRemoved("alice"),
        ["permissions set"] = new TopologyEvents.PermissionsSet("alice", "/", new Permissions(".*", "^a$", "")),
        ["permissions cleared"] = new TopologyEvents.PermissionsCleared("alice", "/"),
        ["topic permissions set"] = new TopologyEvents.TopicPermissionsSet("alice", "/", "t", new TopicPermissions("alice", "/", "^a$", "{username}$")),
        ["topic permissions cleared"] = new TopologyEvents.TopicPermissionsCleared("alice", "/", "t"),
        ["topic permissions cleared everywhere"] = new TopologyEvents.TopicPermissionsCleared("alice", "/", null),
    };

    private static Gen<ITopologyEvent> Facts
    {
        get
        {
            var name = Gen.OneOf(One("", "/", "ünï", "a\n"), Gen.String[0, 20].Select(s => new string([.. s.Where(c => !char.IsSurrogate(c))])));
            var number = Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, long.MaxValue]);
            var table = One(FieldTable.Empty, Table(("x-max-length", 5)), Table(("a", null), ("b", new object?[] { 1L, "x" })));
            var type = One(ExchangeType.Direct, ExchangeType.Fanout, ExchangeType.Topic, ExchangeType.Headers);
            var exchange = Gen.Select(name, name, type, Gen.Bool, Gen.Bool, table, (h, n, t, a, i, args) => new ExchangeDefinition(h, n, t, true, a, i, args));
            var queue = Gen.Select(name, name, number, Gen.Bool, table, (h, n, uid, a, args) =>
                new QueueDefinition(h, n, uid, true, a, null, QueueArguments.Parse(args, n, h)));
            var binding = Gen.Select(name, name, Gen.Bool, name, name, table, (h, s, toQueue, d, k, args) =>
                new BindingDefinition(h, s, toQueue ? DestinationKind.Queue : DestinationKind.Exchange, d, k, args, true));
            var permissions = One(Permissions.All, Permissions.None, new Permissions("^a", "b$", "c|d"));
            var algorithm = One<PasswordHashAlgorithm?>(
                null, PasswordHashAlgorithm.Sha256, PasswordHashAlgorithm.Sha512, PasswordHashAlgorithm.Md5);
            var user = Gen.Select(name, algorithm, name.Array[0, 3], name.Array[0, 3], permissions, (n, a, tags, hosts, p) => new User(
                n, a is null ? null : PasswordHash.Create(n, Salt, a.Value), tags, hosts.Distinct().ToDictionary(h => h, _ => p)));
            return Gen.OneOf<ITopologyEvent>(
                Gen.Int[1, 256].Select(n => (ITopologyEvent)new TopologyEvents.StoreCreated(n)),
                number.Select(n => (ITopologyEvent)new TopologyEvents.UidsUsed(n)),
                name.Select(n => (ITopologyEvent)new TopologyEvents.VirtualHostAdded(n)),
                name.Select(n => (ITopologyEvent)new TopologyEvents.VirtualHostRemoved(n)),
                exchange.Select(e => (ITopologyEvent)new TopologyEvents.ExchangeDeclared(e)),
                exchange.Select(e => (ITopologyEvent)new TopologyEvents.ExchangeDeleted(e)),
                queue.Select(q => (ITopologyEvent)new TopologyEvents.QueueDeclared(q)),
                queue.Select(q => (ITopologyEvent)new TopologyEvents.QueueDeleted(q)),
                binding.Select(b => (ITopologyEvent)new TopologyEvents.Bound(b)),
                binding.Select(b => (ITopologyEvent)new TopologyEvents.Unbound(b)),
                user.Select(u => (ITopologyEvent)new TopologyEvents.UserPut(u)),
                name.Select(n => (ITopologyEvent)new TopologyEvents.UserRemoved(n)),
                Gen.Select(name, name, permissions, (u, h, p) => (ITopologyEvent)new TopologyEvents.PermissionsSet(u, h, p)),
                Gen.Select(name, name, (u, h) => (ITopologyEvent)new TopologyEvents.PermissionsCleared(u, h)),
                Gen.Select(name, name, name, One("", "^a", "{username}|{vhost}"), (u, h, e, x) =>
                    (ITopologyEvent)new TopologyEvents.TopicPermissionsSet(u, h, e, new TopicPermissions(u, h, x, ".*"))),
                Gen.Select(name, name, name, (u, h, e) => (ITopologyEvent)new TopologyEvents.TopicPermissionsCleared(u, h, e.Length == 0 ? null : e)));
        }
    }

    private static Gen<T> One<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static QueueDefinition NewQueue(string name, long uid, bool autoDelete, params (string, object?)[] arguments) =>
        new("/", name, uid, Durable: true, autoDelete, ExclusiveOwner: null, QueueArguments.Parse(Table(arguments), name, "/"));

    /// <summary>All there is to an event, as text.</summary>
    internal static string Describe(ITopologyEvent e) => e switch
    {
        TopologyEvents.ExchangeDeclared x => $"+{x.Exchange with { Arguments = FieldTable.Empty }} {Hex(x.Exchange.Arguments)}",
        TopologyEvents.ExchangeDeleted x => $"-{x.Exchange with { Arguments = FieldTable.Empty }} {Hex(x.Exchange.Arguments)}",
        TopologyEvents.QueueDeclared q => $"+{q.Queue with { Arguments = QueueArguments.None }} {Hex(q.Queue.Arguments.Table)}",
        TopologyEvents.QueueDeleted q => $"-{q.Queue with { Arguments = QueueArguments.None }} {Hex(q.Queue.Arguments.Table)}",
        TopologyEvents.Bound b => $"+{Describe(b.Binding)}",
        TopologyEvents.Unbound b => $"-{Describe(b.Binding)} {b.Implied}",
        TopologyEvents.UserPut u => Describe(u.User),
        TopologyEvents.PermissionsSet p => $"{p.User} in {p.VirtualHost}: {Describe(p.Permissions)}",
        TopologyEvents.TopicPermissionsSet p => $"{p.User} at {p.Exchange} in {p.VirtualHost}: {p.Topics.Write} {p.Topics.Read}",
        _ => e.ToString()!,
    };

    private static string Describe(BindingDefinition b) =>
        $"{b.VirtualHost}|{b.Source}|{b.Kind}|{b.Destination}|{b.BindingKey}|{b.Durable}|{Hex(b.Arguments)}";

    internal static string Describe(User u) =>
        $"user {u.Name}|{u.Hash?.AlgorithmName}|{u.Hash?.Base64}|{string.Join(',', u.Tags.Order(StringComparer.Ordinal))}|"
        + string.Join(';', u.Permissions.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={Describe(p.Value)}"));

    private static string Describe(Permissions p) => $"{p.Configure} {p.Write} {p.Read}";

    private static string Hex(FieldTable table) => Convert.ToHexString(table.Encoded);
}
