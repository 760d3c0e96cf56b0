using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests;

/// <summary>Random valid values.</summary>
internal static class Gens
{
    /// <summary>0 to 60 characters, at most 240 bytes.</summary>
    public static readonly Gen<string> Text = Gen.Char[" aA0.-_#*é€"].Array[0, 60].Select(c => new string(c));

    public static readonly Gen<AmqpTimestamp> Timestamp = Gen.ULong.Select(s => new AmqpTimestamp(s));

    public static readonly Gen<object?> Scalar = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.Bool.Select(v => (object?)v),
        Gen.SByte.Select(v => (object?)v),
        Gen.Byte.Select(v => (object?)v),
        Gen.Short.Select(v => (object?)v),
        Gen.UShort.Select(v => (object?)v),
        Gen.Int.Select(v => (object?)v),
        Gen.UInt.Select(v => (object?)v),
        Gen.Long.Select(v => (object?)v),
        Gen.ULong.Select(v => (object?)v),
        Gen.Float.Select(v => (object?)v),
        Gen.Double.Select(v => (object?)v),
        Gen.Select(Gen.Byte, Gen.UInt, (scale, value) => (object?)new AmqpDecimal(scale, value)),
        Timestamp.Select(v => (object?)v),
        Text.Select(v => (object?)v),
        Gen.Const((object?)new LongString([0xFF, 0x00, 0xC3])),
        Gen.Byte.Array[0, 8].Select(v => (object?)v));

    public static readonly Gen<FieldTable> Table = TableOf(Gen.Frequency(
        (6, Scalar),
        (1, Scalar.Array[0, 4].Select(v => (object?)v)),
        (1, TableOf(Scalar).Select(v => (object?)v)),
        (1, TableOf(Scalar).Array[0, 3].Select(v => (object?)v.ToArray<object?>()))));

    public static readonly Gen<BasicProperties> Properties =
        from texts in Maybe(Text).Array[10]
        from headers in Maybe(Table)
        from octets in Gen.Byte.Array[2]
        from present in Gen.Bool.Array[3]
        from timestamp in Timestamp
        select new BasicProperties
        {
            ContentType = texts[0],
            ContentEncoding = texts[1],
            Headers = headers,
            DeliveryMode = present[0] ? octets[0] : null,
            Priority = present[1] ? octets[1] : null,
            CorrelationId = texts[2],
            ReplyTo = texts[3],
            Expiration = texts[4],
            MessageId = texts[5],
            Timestamp = present[2] ? timestamp : null,
            Type = texts[6],
            UserId = texts[7],
            AppId = texts[8],
            ClusterId = texts[9],
        };

    private static Gen<T?> Maybe<T>(Gen<T> gen)
        where T : class => Gen.Select(Gen.Bool, gen, (there, value) => there ? value : null);

    private static Gen<FieldTable> TableOf(Gen<object?> value) => Gen.Select(Text, value, KeyValuePair.Create)
        .Array[0, 6].Select(fields => new FieldTable(fields.DistinctBy(f => f.Key)));
}
