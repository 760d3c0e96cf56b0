using System.Xml.Linq;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Methods;

/// <summary>
/// The hand-written methods against the specification that RabbitMQ publishes as XML: names, ids, arguments, and for
/// random arguments every byte.
/// </summary>
public class PublishedSpecificationSpec
{
    private const string File = "/usr/share/amqp/specs/0-9-1-rabbit/amqp0-9-1.stripped.extended.xml";

    // RabbitMQ added them after it published the XML; golden frames check them.
    private static readonly string[] NotPublished =
    [
        nameof(AccessRequest), nameof(AccessRequestOk), nameof(ConnectionBlocked), nameof(ConnectionUnblocked),
        nameof(ConnectionUpdateSecret), nameof(ConnectionUpdateSecretOk),
    ];

    private readonly XElement _amqp = Load();

    private IEnumerable<(string Class, XElement Method)> Methods =>
        from c in _amqp.Elements("class") from m in c.Elements("method") select (Name(c), m);

    [Fact]
    public void Every_published_method_is_there_and_no_other() => Assert.Equal(
        Methods.Select(m => Pascal($"{m.Class}-{Name(m.Method)}")).Concat(NotPublished).Order(StringComparer.Ordinal),
        AnyMethod.All.Select(m => m.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_method_has_its_ids_and_says_whether_content_follows() => Assert.All(Methods, m =>
    {
        var id = ((uint)m.Method.Parent!.Attribute("index")! << 16) | (uint)m.Method.Attribute("index")!;
        Assert.Equal(id, Find(m).Id);
        Assert.Equal($"{m.Class}.{Name(m.Method)}", MethodTable.Find(id)?.Name);
        Assert.Equal(m.Method.Attribute("content") is not null, MethodTable.HasContent(id));
    });

    [Fact]
    public void Every_method_has_its_arguments_in_order_and_of_the_right_type() => Assert.All(Methods, m =>
    {
        var published = Fields(m.Method).Where(f => !f.Reserved).ToList();
        var written = Find(m).Arguments;
        Assert.Equal(published.Select(f => f.Name.Replace("-", "")), written.Select(a => a.Name!.ToLowerInvariant()));
        Assert.All(published.Zip(written), pair => Assert.Contains(
            pair.Second.ParameterType,
            pair.First.Type switch
            {
                "bit" => [typeof(bool)],
                "octet" => [typeof(byte)],
                "short" => [typeof(ushort), typeof(ReplyCode)],
                "long" => [typeof(uint)],
                "longlong" => [typeof(ulong)],
                "shortstr" => [typeof(string)],
                "longstr" => [typeof(string), typeof(LongString)],
                "table" => [typeof(FieldTable)],
                _ => Array.Empty<Type>(),
            }));
    });

    [Fact]
    public void Every_method_writes_the_bytes_that_the_specification_lays_out() => Assert.All(Methods, m =>
    {
        var method = Find(m);
        var fields = Fields(m.Method);
        method.Values.Sample(
            values => Assert.Equal(Expected(fields, values), method.Write(method.Create(values))), iter: 20);
    });

    [Fact]
    public void Every_property_has_its_flag_in_order() => Assert.Equal(
        _amqp.Elements("class").Single(c => Name(c) == "basic").Elements("field")
            .Select(f => Name(f) == "reserved" ? "ClusterId" : Pascal(Name(f))),
        Enum.GetValues<PropertyFlags>().Where(f => f != 0).OrderDescending().Select(f => f.ToString()));

    [Fact]
    public void Every_constant_has_its_value()
    {
        var constants = _amqp.Elements("constant").ToDictionary(Name, c => (int)c.Attribute("value")!);

        Assert.Equal(FrameType.Method, constants["frame-method"]);
        Assert.Equal(FrameType.Header, constants["frame-header"]);
        Assert.Equal(FrameType.Body, constants["frame-body"]);
        Assert.Equal(FrameType.Heartbeat, constants["frame-heartbeat"]);
        Assert.Equal(FrameReader.FrameEnd, constants["frame-end"]);
        Assert.All(_amqp.Elements("constant").Where(c => c.Attribute("class") is not null), c =>
        {
            var code = (ReplyCode)constants[Name(c)];
            Assert.Equal(Name(c).Replace('-', '_').ToUpperInvariant(), code.Name);
            Assert.Equal(c.Attribute("class")!.Value == "hard-error", code.ClosesConnection);
        });
    }

    private static XElement Load()
    {
        Assert.True(System.IO.File.Exists(File), $"{File} is missing: install the Debian package amqp-specs");
        return XDocument.Load(File).Root!;
    }

    private static string Name(XElement element) => element.Attribute("name")!.Value;

    private static string Pascal(string name) =>
        string.Concat(name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static AnyMethod Find((string Class, XElement Method) published) =>
        AnyMethod.All.Single(m => m.Name == Pascal($"{published.Class}-{Name(published.Method)}"));

    private static byte[] Expected(List<Field> fields, object[] values) => Bytes.Of(w =>
    {
        var next = 0;
        var bit = 0;
        var bits = 0;
        foreach (var (_, type, reserved) in fields)
        {
            if (type != "bit" && bit != 0)
            {
                w.WriteOctet((byte)bits);
                bit = bits = 0;
            }

            var value = reserved ? null : values[next++];
            switch (type)
            {
                case "bit":
                    bits |= value is true ? 1 << bit : 0;
                    bit++;
                    break;
                case "octet":
                    w.WriteOctet((byte)(value ?? (byte)0));
                    break;
                case "short":
                    w.WriteShort(Convert.ToUInt16(value));
                    break;
                case "long":
                    w.WriteLong(Convert.ToUInt32(value));
                    break;
                case "longlong":
                    w.WriteLongLong(Convert.ToUInt64(value));
                    break;
                case "shortstr":
                    w.WriteShortString((string?)value ?? "");
                    break;
                case "longstr" when value is LongString opaque:
                    w.WriteLongString(opaque.Span);
                    break;
                case "longstr":
                    w.WriteLongString((string?)value ?? "");
                    break;
                case "table":
                    w.WriteTable((FieldTable)value!);
                    break;
                default:
                    throw new NotSupportedException(type);
            }
        }

        if (bit != 0)
        {
            w.WriteOctet((byte)bits);
        }
    });

    private List<Field> Fields(XElement method) =>
        (from f in method.Elements("field")
         let domain = f.Attribute("domain")?.Value
         let type = f.Attribute("type")?.Value
            ?? _amqp.Elements("domain").Single(d => Name(d) == domain).Attribute("type")!.Value
         select new Field(Name(f), type, f.Attribute("reserved") is not null)).ToList();

    private sealed record Field(string Name, string Type, bool Reserved);
}
