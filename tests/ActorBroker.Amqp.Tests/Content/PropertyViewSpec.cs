using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Content;

public class PropertyViewSpec
{
    [Fact]
    public void Finds_each_property_where_it_lies()
    {
        // delivery-mode 2, expiration "1000", app-id "app", the flags 0x1108
        var view = PropertyView.Parse(Bytes.Of("1108" + "02" + "0431303030" + "03617070"));

        Assert.Equal(PropertyFlags.DeliveryMode | PropertyFlags.Expiration | PropertyFlags.AppId, view.Flags);
        Assert.Equal(2, view.DeliveryMode);
        Assert.True(view.TryGetExpiration(out var expiration) && expiration.SequenceEqual("1000"u8));
        Assert.True(view.TryGetAppId(out var appId) && appId.SequenceEqual("app"u8));
        Assert.False(view.TryGetReplyTo(out _));
        Assert.False(view.TryGetHeaders(out _));
        Assert.True(view.Headers.IsEmpty);
        Assert.Equal(0, view.Priority);
    }

    [Fact]
    public void Decodes_what_was_encoded() => Gens.Properties.Sample(
        properties => Assert.Equal(properties, BasicProperties.Decode(properties.ToBytes())));

    [Fact]
    public void Refuses_properties_wherever_they_are_cut() => Gens.Properties.Sample(
        properties =>
        {
            var bytes = properties.ToBytes();
            for (var cut = 0; cut < bytes.Length; cut++)
            {
                Bytes.AssertSyntaxError(() => PropertyView.Parse(bytes.AsSpan(0, cut)));
            }
        },
        iter: 20);

    [Theory]
    [InlineData("")] // no flags
    [InlineData("0001")] // a second flags word announced
    [InlineData("000000")] // bytes left over
    [InlineData("2000" + "00000002016B")] // headers malformed inside
    public void Refuses_malformed_properties(string hex) =>
        Bytes.AssertSyntaxError(() => PropertyView.Parse(Bytes.Of(hex)));

    [Fact]
    public void Lets_the_flag_pass_that_means_nothing() =>
        Assert.Equal(PropertyFlags.DeliveryMode, PropertyView.Parse(Bytes.Of("1002" + "02")).Flags);

    [Fact]
    public void Any_bytes_are_properties_or_are_refused() => Gen.Byte.Array[0, 60].Sample(bytes => Bytes.Tolerate(() =>
    {
        if (bytes.Length > 1)
        {
            bytes[1] &= 0xFE; // or nearly all would be refused for their flags
        }

        BasicProperties.Decode(bytes);
    }));

    [Fact]
    public void Shows_text_that_is_not_utf8_and_keeps_its_bytes()
    {
        var bytes = Bytes.Of("0400" + "02FFFE"); // correlation-id

        Assert.Equal("\uFFFD\uFFFD", BasicProperties.Decode(bytes).CorrelationId);
        Assert.True(PropertyView.Parse(bytes).TryGetCorrelationId(out var raw));
        Assert.Equal([0xFF, 0xFE], raw.ToArray());
    }

    [Fact]
    public void Reads_the_header_frame_around_the_properties()
    {
        var header = ContentHeader.Parse(Bytes.Of("003C0000" + "0000000000000005" + "100002"));

        Assert.Equal((ContentHeader.BasicClass, 5UL), (header.ClassId, header.BodySize));
        Assert.Equal(2, PropertyView.Parse(header.Properties).DeliveryMode);
        Bytes.AssertSyntaxError(() => ContentHeader.Parse(Bytes.Of("003C000000000000000000")));
    }

    [Fact]
    public void Every_getter_agrees_with_the_decoded_properties() => Gens.Properties.Sample(properties =>
    {
        var view = PropertyView.Parse(properties.ToBytes());
        Assert.Equal(properties.ContentType, view.TryGetContentType(out var v) ? Text(v) : null);
        Assert.Equal(properties.ContentEncoding, view.TryGetContentEncoding(out v) ? Text(v) : null);
        Assert.Equal(properties.Headers, view.TryGetHeaders(out v) ? FieldTable.FromBytes(v) : null);
        Assert.Equal(properties.DeliveryMode, view.TryGetDeliveryMode(out var octet) ? octet : null);
        Assert.Equal(properties.Priority, view.TryGetPriority(out octet) ? octet : null);
        Assert.Equal(properties.CorrelationId, view.TryGetCorrelationId(out v) ? Text(v) : null);
        Assert.Equal(properties.ReplyTo, view.TryGetReplyTo(out v) ? Text(v) : null);
        Assert.Equal(properties.Expiration, view.TryGetExpiration(out v) ? Text(v) : null);
        Assert.Equal(properties.MessageId, view.TryGetMessageId(out v) ? Text(v) : null);
        Assert.Equal(properties.Timestamp, view.TryGetTimestamp(out var timestamp) ? timestamp : null);
        Assert.Equal(properties.Type, view.TryGetType(out v) ? Text(v) : null);
        Assert.Equal(properties.UserId, view.TryGetUserId(out v) ? Text(v) : null);
        Assert.Equal(properties.AppId, view.TryGetAppId(out v) ? Text(v) : null);
        Assert.Equal(properties.ClusterId, view.TryGetClusterId(out v) ? Text(v) : null);
    });

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
