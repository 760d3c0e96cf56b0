using System.Text;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Types;

public class FieldTableBytesSpec
{
    [Fact]
    public void Finds_what_the_decoded_table_finds() => Gens.Table.Sample(table =>
    {
        foreach (var (name, value) in table)
        {
            var key = Encoding.UTF8.GetBytes(name);
            Assert.True(FieldTableBytes.TryFind(table.Encoded, key, out var type, out var bytes));
            var alone = FieldTable.Empty.With(name, value).Encoded;
            Assert.Equal(alone[1 + alone[0]], type);
            Assert.True(alone.EndsWith(bytes));
        }

        Assert.False(FieldTableBytes.TryFind(table.Encoded, "not there"u8, out _, out _));
    });

    [Fact]
    public void Copies_all_but_one_field() => Gens.Table.Sample(table =>
    {
        foreach (var (name, _) in table)
        {
            var copy = Bytes.Of(w => FieldTableBytes.CopyWithout(table.Encoded, Encoding.UTF8.GetBytes(name), w));
            Assert.Equal(new FieldTable(table.Where(f => f.Key != name)), FieldTable.FromBytes(copy));
        }
    });

    [Fact]
    public void Appends_fields()
    {
        var bytes = Bytes.Of(w =>
        {
            FieldTableBytes.AppendString(w, "s"u8, "v"u8);
            FieldTableBytes.AppendLong(w, "l"u8, -1);
            FieldTableBytes.AppendTimestamp(w, "t"u8, new AmqpTimestamp(1));
            FieldTableBytes.Append(w, "a"u8, new[] { "x" });
        });
        var table = FieldTable.FromBytes(bytes);

        Assert.Equal(["s", "l", "t", "a"], table.Select(f => f.Key));
        Assert.Equal(["v", -1L, new AmqpTimestamp(1), new object[] { "x" }], table.Select(f => f.Value));
    }

    [Fact]
    public void Walks_an_array_without_names()
    {
        var table = FieldTable.Empty.With("CC", new object?[] { "a", "b", null });
        FieldTableBytes.TryFind(table.Encoded, "CC"u8, out var type, out var array);
        Assert.Equal(FieldType.Array, type);

        var seen = new List<string>();
        foreach (var element in FieldTableBytes.EnumerateArray(array))
        {
            seen.Add($"{element.Name.Length}{(char)element.Type}{Encoding.UTF8.GetString(element.Value)}");
        }

        Assert.Equal(["0Sa", "0Sb", "0V"], seen);
    }

    [Theory]
    [InlineData((sbyte)-1, true, -1)]
    [InlineData((byte)255, true, 255)]
    [InlineData((short)-1, true, -1)]
    [InlineData((ushort)65_535, true, 65_535)]
    [InlineData(-1, true, -1)]
    [InlineData(uint.MaxValue, true, uint.MaxValue)]
    [InlineData(long.MinValue, true, long.MinValue)]
    [InlineData((ulong)long.MaxValue, true, long.MaxValue)]
    [InlineData(ulong.MaxValue, false, 0)]
    [InlineData("1", false, 0)]
    [InlineData(1.0, false, 0)]
    [InlineData(null, false, 0)]
    public void Finds_an_integer_of_any_width(object? value, bool found, long integer)
    {
        var table = FieldTable.Empty.With("n", value);

        Assert.Equal(found, FieldTableBytes.TryFindInteger(table.Encoded, "n"u8, out var read));
        if (found)
        {
            Assert.Equal(integer, read);
        }
    }

    [Fact]
    public void Any_bytes_are_walked_or_refused() => Gen.Byte.Array[0, 40].Sample(bytes => Bytes.Tolerate(() =>
    {
        FieldTableBytes.TryFind(bytes, "k"u8, out _, out _);
        foreach (var field in FieldTableBytes.Enumerate(bytes))
        {
            FieldTableBytes.TryReadInteger(field.Type, field.Value, out _);
        }
    }));
}
