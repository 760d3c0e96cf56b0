using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Content;

public class PropertyEditorSpec
{
    private static readonly Gen<(BasicProperties Properties, FieldTable Table, string Text)> Cases =
        Gen.Select(Gens.Properties, Gens.Table, Gens.Text);

    [Fact]
    public void Changes_nothing_when_nothing_is_asked() => Gens.Properties.Sample(properties =>
    {
        var bytes = properties.ToBytes();
        Assert.Equal(bytes, Bytes.Of(w => PropertyEditor.Apply(bytes, default, w)));
    });

    [Fact]
    public void Replaces_or_removes_the_headers() => Cases.Sample(c =>
    {
        var (before, table, _) = c;
        Check(before, before with { Headers = table }, (p, w) => PropertyEditor.SetHeaders(p, table.Encoded, w));
        Check(before, before with { Headers = null }, PropertyEditor.RemoveHeaders);
    });

    [Fact]
    public void Sets_or_removes_expiration() => Cases.Sample(c =>
    {
        var (before, _, text) = c;
        var bytes = Encoding.UTF8.GetBytes(text);
        Check(before, before with { Expiration = text }, (p, w) => PropertyEditor.SetExpiration(p, bytes, w));
        Check(before, before with { Expiration = null }, PropertyEditor.RemoveExpiration);
    });

    [Fact]
    public void Sets_reply_to() => Cases.Sample(c => Check(
        c.Properties,
        c.Properties with { ReplyTo = c.Text },
        (p, w) => PropertyEditor.SetReplyTo(p, Encoding.UTF8.GetBytes(c.Text), w)));

    [Fact]
    public void Removes_one_header_and_keeps_the_others_in_order() => Gens.Properties.Sample(properties =>
    {
        foreach (var (name, _) in properties.Headers ?? FieldTable.Empty)
        {
            Check(
                properties,
                properties with { Headers = properties.Headers!.Without(name) },
                (p, w) => PropertyEditor.RemoveHeader(p, Encoding.UTF8.GetBytes(name), w));
        }

        Check(properties, properties, (p, w) => PropertyEditor.RemoveHeader(p, "not there"u8, w));
    });

    [Fact]
    public void Adds_headers_behind_the_old_ones() => Cases.Sample(c =>
    {
        var old = c.Properties.Headers ?? FieldTable.Empty;
        var names = c.Table.Select(f => f.Key).ToHashSet();
        var expected = new FieldTable(old.Where(f => !names.Contains(f.Key)).Concat(c.Table));
        Check(
            c.Properties,
            c.Table.Count == 0 ? c.Properties : c.Properties with { Headers = expected },
            (p, w) => PropertyEditor.AddHeaders(p, c.Table.Encoded, w));
    });

    [Fact]
    public void Replaces_a_header_by_the_added_one_of_the_same_name() => Check(
        new BasicProperties { Headers = FieldTable.Empty.With("count", 1).With("mine", "a") },
        new BasicProperties { Headers = FieldTable.Empty.With("mine", "a").With("count", 2) },
        (p, w) => PropertyEditor.AddHeaders(p, FieldTable.Empty.With("count", 2).Encoded, w));

    [Fact]
    public void Makes_all_changes_of_dead_lettering_in_one_pass()
    {
        var before = new BasicProperties
        {
            ContentType = "text/plain",
            Headers = FieldTable.Empty.With("CC", "x").With("mine", 1),
            DeliveryMode = 2,
            Expiration = "100",
            MessageId = "m",
        };
        var death = FieldTable.Empty.With("x-death", new[] { "once" });
        var expected = FieldTable.Empty.With("mine", 1).With("x-death", new[] { "once" });

        Check(
            before,
            before with { Headers = expected, Expiration = null },
            (p, w) => PropertyEditor.Apply(
                p,
                new PropertyChanges
                {
                    RemovedHeader = "CC"u8,
                    AddedHeaders = death.Encoded,
                    Removed = PropertyFlags.Expiration,
                },
                w));
    }

    [Fact]
    public void Refuses_malformed_properties() =>
        Bytes.AssertSyntaxError(() => PropertyEditor.RemoveExpiration(Bytes.Of("0100"), new AmqpWriter()));

    private static void Check(BasicProperties before, BasicProperties after, Edit edit)
    {
        var bytes = before.ToBytes();
        Assert.Equal(Convert.ToHexString(after.ToBytes()), Bytes.Hex(w => edit(bytes, w)));
    }

    private delegate void Edit(ReadOnlySpan<byte> properties, AmqpWriter output);
}
