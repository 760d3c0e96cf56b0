using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Types;

public class FieldTableSpec
{
    public static TheoryData<object?, string> Encodings => new()
    {
        { true, "7401" },
        { (sbyte)-2, "62FE" },
        { (byte)254, "42FE" },
        { (short)-2, "73FFFE" },
        { (ushort)65_534, "75FFFE" },
        { -2, "49FFFFFFFE" },
        { 4_294_967_294, "69FFFFFFFE" },
        { -2L, "6CFFFFFFFFFFFFFFFE" },
        { ulong.MaxValue - 1, "4CFFFFFFFFFFFFFFFE" },
        { 1.5f, "663FC00000" },
        { 1.5, "643FF8000000000000" },
        { new AmqpDecimal(2, 314), "44020000013A" },
        { "käse", "53000000056BC3A47365" },
        { new LongString([0xFF, 0xFE]), "5300000002FFFE" },
        { new object?[] { 1, null }, "4100000006490000000156" },
        { new AmqpTimestamp(1_704_067_200), "540000000065920080" },
        { FieldTable.Empty.With("a", true), "46000000040161" + "7401" },
        { null, "56" },
        { new byte[] { 1, 2 }, "78000000020102" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Encodes_each_type_as_rabbitmq_does_and_reads_it_back(object? value, string hex)
    {
        var table = FieldTable.Empty.With("k", value);

        Assert.Equal("016B" + hex, Convert.ToHexString(table.Encoded));
        Assert.Equal(value, FieldTable.FromBytes(table.Encoded)["k"]);
        Assert.True(table.ContainsKey("k"));
    }

    [Fact]
    public void Encodes_dates_lists_and_dictionaries_as_their_amqp_kin()
    {
        var table = new FieldTable(new Dictionary<string, object?>
        {
            ["date"] = DateTimeOffset.FromUnixTimeMilliseconds(1_704_067_200_999),
            ["list"] = new List<string> { "a", "b" },
            ["map"] = new Dictionary<string, object?> { ["x"] = 1 },
        });

        Assert.Equal(new AmqpTimestamp(1_704_067_200), table["date"]);
        Assert.Equal(new object[] { "a", "b" }, table["list"]);
        Assert.Equal(FieldTable.Empty.With("x", 1), table["map"]);
    }

    [Fact]
    public void Refuses_to_encode_what_amqp_has_no_type_for()
    {
        Assert.Throws<ArgumentException>(() => FieldTable.Empty.With("k", 1m));
        Assert.Throws<ArgumentException>(() => FieldTable.Empty.With(new string('k', 256), 1));
        Assert.Throws<ArgumentException>(
            () => new FieldTable([KeyValuePair.Create("k", (object?)1), KeyValuePair.Create("k", (object?)2)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => FieldTable.Empty.With("k", DateTimeOffset.MinValue));
    }

    [Fact]
    public void Keeps_the_bytes_and_the_order_it_came_with() => Gens.Table.Sample(table =>
    {
        var copy = FieldTable.FromBytes(table.Encoded);
        Assert.Equal(table, copy);
        Assert.Equal(table.GetHashCode(), copy.GetHashCode());
        Assert.Equal(copy.Count, copy.Count());

        var again = new FieldTable(copy); // decoded and encoded
        Assert.Equal(Convert.ToHexString(table.Encoded), Convert.ToHexString(again.Encoded));
    });

    [Fact]
    public void Is_equal_in_any_order_and_differs_in_any_value() =>
        Gen.Select(Gens.Table, Gens.Text, Gens.Scalar).Sample((table, name, value) =>
        {
            var reversed = new FieldTable(table.Reverse());
            Assert.Equal(table, reversed);
            Assert.Equal(table.GetHashCode(), reversed.GetHashCode());

            Assert.Equal(table.Without(name), table.With(name, value).Without(name));
            Assert.NotEqual(table.With(name, "one"), table.With(name, "other"));
            Assert.NotEqual(table.With(name, 1), table.With(name, 1L));
            Assert.NotEqual(table.With(name, null), table.Without(name));
        });

    [Fact]
    public void Of_two_fields_with_one_name_the_first_counts()
    {
        var table = FieldTable.FromBytes(Bytes.Of("016B7401" + "016B7400"));

        Assert.Equal(true, table["k"]);
        Assert.Single(table);
    }

    [Fact]
    public void A_missing_field_reads_as_null()
    {
        Assert.Null(FieldTable.Empty["k"]);
        Assert.False(FieldTable.Empty.ContainsKey("k"));
        Assert.False(FieldTable.Empty.TryGetValue("k", out _));
        Assert.Empty(FieldTable.Empty);
        Assert.Same(FieldTable.Empty, FieldTable.FromBytes(default));
    }

    [Theory]
    [InlineData("01")] // inside the name
    [InlineData("016B")] // before the type
    [InlineData("016B49000000")] // inside an integer
    [InlineData("016B53000000")] // inside a length
    [InlineData("016B530000000261")] // inside a string
    [InlineData("016B53FFFFFFFF")] // a length of 4 GiB must not be allocated
    [InlineData("016B41FFFFFFFF49")]
    [InlineData("016B467FFFFFFF00")]
    [InlineData("016B4600000002016B")] // inside a nested table
    [InlineData("016B410000000149")] // inside an array
    [InlineData("016B7A00")] // unknown type z
    public void Refuses_malformed_bytes_at_once(string hex) =>
        Bytes.AssertSyntaxError(() => FieldTable.FromBytes(Bytes.Of(hex)));

    [Theory]
    [InlineData(32, false)]
    [InlineData(33, true)]
    public void Refuses_to_nest_deeper_than_32(int depth, bool refused)
    {
        var tables = Nested(depth, (name, inner) => FieldTable.Empty.With(name, inner));
        var arrays = Nested(depth, (_, inner) => new[] { inner });
        Assert.Equal(refused, tables is ArgumentException);
        Assert.Equal(refused, arrays is ArgumentException);

        byte[] bytes = [];
        for (var i = 1; i < depth; i++)
        {
            var inner = bytes;
            bytes = Bytes.Of(w =>
            {
                w.WriteShortString("t");
                w.WriteOctet(FieldType.Table);
                w.WriteLongString(inner);
            });
        }

        Assert.Equal(refused, Record.Exception(() => FieldTable.FromBytes(bytes)) is ConnectionException);
    }

    [Fact]
    public void Refuses_a_list_that_holds_itself()
    {
        var list = new List<object?>();
        list.Add(list);

        Assert.Throws<ArgumentException>(() => FieldTable.Empty.With("k", list));
    }

    [Fact]
    public void Any_bytes_are_a_table_that_can_be_read_or_are_refused() =>
        Gen.OneOf(Gen.Byte.Array[0, 40], Mutated).Sample(bytes => Bytes.Tolerate(() =>
        {
            var table = FieldTable.FromBytes(bytes);
            Assert.Equal(table.Count, new FieldTable(table).Count);
            Assert.Equal(bytes, table.Encoded.ToArray());
        }));

    private static Gen<byte[]> Mutated =>
        from table in Gens.Table
        from at in Gen.UInt
        from value in Gen.Byte
        select Mutate(table.Encoded.ToArray(), at, value);

    private static byte[] Mutate(byte[] bytes, uint at, byte value)
    {
        if (bytes.Length > 0)
        {
            bytes[at % bytes.Length] = value;
        }

        return bytes;
    }

    private static Exception? Nested(int depth, Func<string, object?, object?> wrap) => Record.Exception(() =>
    {
        object? value = null;
        for (var i = 1; i < depth; i++)
        {
            value = wrap("t", value);
        }

        _ = FieldTable.Empty.With("outermost", value);
    });
}
