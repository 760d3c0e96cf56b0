using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Tests.Types;

public class AmqpReaderSpec
{
    private delegate void Reading(ref AmqpReader reader);

    [Fact]
    public void Reads_every_kind_of_field_in_order()
    {
        var bytes = Bytes.Of(w =>
        {
            w.WriteOctet(0xFE);
            w.WriteShort(0xFEDC);
            w.WriteLong(0xFEDCBA98);
            w.WriteLongLong(0xFEDCBA9876543210);
            w.WriteShortString("key");
            w.WriteShortString("käse");
            w.WriteLongString([0xFF, 0x00]);
            w.WriteLongString("käse");
            w.WriteTimestamp(new AmqpTimestamp(ulong.MaxValue));
            w.WriteTable(FieldTable.Empty.With("a", 1));
        });
        var reader = new AmqpReader(bytes);

        Assert.Equal(0xFE, reader.ReadOctet());
        Assert.Equal(0xFEDC, reader.ReadShort());
        Assert.Equal(0xFEDCBA98, reader.ReadLong());
        Assert.Equal(0xFEDCBA9876543210, reader.ReadLongLong());
        Assert.True(reader.ReadShortString().SequenceEqual("key"u8));
        Assert.Equal("käse", reader.ReadShortText());
        Assert.Equal([0xFF, 0x00], reader.ReadLongString().ToArray());
        Assert.Equal("käse", reader.ReadLongText());
        Assert.Equal(new AmqpTimestamp(ulong.MaxValue), reader.ReadTimestamp());
        Assert.Equal(1, reader.ReadTable()["a"]);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void Refuses_a_field_that_is_cut_off()
    {
        Refused("", (ref r) => r.ReadOctet());
        Refused("01", (ref r) => r.ReadShort());
        Refused("010203", (ref r) => r.ReadLong());
        Refused("01020304050607", (ref r) => r.ReadLongLong());
        Refused("", (ref r) => r.ReadShortString());
        Refused("0261", (ref r) => r.ReadShortString());
        Refused("000000", (ref r) => r.ReadLongString());
        Refused("0000000261", (ref r) => r.ReadLongString());
        Refused("FFFFFFFF61", (ref r) => r.ReadLongString());
        Refused("0000000261", (ref r) => r.ReadTable());
    }

    [Fact]
    public void Refuses_a_name_that_is_not_utf8_in_the_words_of_rabbitmq()
    {
        var error = Assert.Throws<ConnectionException>(() => new AmqpReader(Bytes.Of("02C328")).ReadShortText());

        Assert.Equal("FRAME_ERROR - Malformed UTF-8 in shortstr", error.ReplyText);
    }

    [Theory]
    [InlineData(255, false)]
    [InlineData(256, true)]
    public void Writes_at_most_255_bytes_into_a_short_string(int length, bool refused)
    {
        var writer = new AmqpWriter();
        var text = Record.Exception(() => writer.WriteShortString(new string('a', length)));
        var bytes = Record.Exception(() => writer.WriteShortString(new byte[length]));

        Assert.Equal(refused, text is ArgumentException);
        Assert.Equal(refused, bytes is ArgumentException);
    }

    [Fact]
    public void Writes_as_a_buffer_writer_and_again_after_clear()
    {
        var writer = new AmqpWriter(0);
        "abc"u8.CopyTo(writer.GetSpan(3));
        writer.Advance(3);
        Assert.True(writer.Written.SequenceEqual("abc"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1_000_000));

        writer.Clear();
        Assert.Equal(0, writer.Length);
        writer.WriteOctet(7);
        Assert.Equal([7], writer.WrittenMemory.ToArray());
    }

    private static void Refused(string hex, Reading read) => Bytes.AssertSyntaxError(() =>
    {
        var reader = new AmqpReader(Bytes.Of(hex));
        read(ref reader);
    });
}
