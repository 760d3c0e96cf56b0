using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Messages;

/// <summary>A message as the bytes of its publish.</summary>
public sealed class MessageSpec
{
    private static readonly byte[] Properties = new BasicProperties { ContentType = "text/plain" }.ToBytes();

    [Theory]
    [InlineData("", "", "")]
    [InlineData("ex", "key", "body")]
    [InlineData("", "очередь", "тело")]
    public void Its_parts_lie_one_after_the_other(string exchange, string key, string body)
    {
        var message = Message.Create(exchange, key, Properties, Encoding.UTF8.GetBytes(body));

        Assert.Equal((exchange, key, body), (Text(message.Exchange), Text(message.RoutingKey), Text(message.Body)));
        Assert.Equal(Properties, message.Properties.ToArray());
        Assert.Equal(message.Length, message.NamesLength + message.HeaderLength + message.BodyLength);
        Assert.Equal(message.NamesLength, message.Names.Length);
        Assert.Equal([.. message.Names, .. message.Header, .. message.Body], message.Buffer!);
        var header = ContentHeader.Parse(message.Header);
        Assert.Equal((ContentHeader.BasicClass, (ulong)message.BodyLength), (header.ClassId, header.BodySize));
    }

    [Fact]
    public void Names_of_255_bytes_fit_and_longer_ones_do_not()
    {
        var longest = new string('x', 255);
        Assert.Equal(longest, Text(Message.Create(longest, longest, Properties, default).RoutingKey));
        Assert.Throws<OverflowException>(() => Message.Create("", longest + "x", Properties, default));
    }

    [Fact]
    public void A_message_that_came_back_is_redelivered()
    {
        var message = Message.Create("", "q", Properties, default);
        Assert.False(message.Redelivered);
        message.DeliveryCount = 1;
        Assert.True(message.Redelivered);
    }

    [Fact]
    public void Copied_out_it_reads_the_same_and_no_longer_holds_its_slab()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        var message = InSlab(slab, 100, "body");
        message.Flags = MessageFlags.Persistent;
        message.DeliveryCount = 2;

        var copy = message.CopiedOut();
        Assert.Equal(bias - 1, slab.References);
        Assert.Null(copy.Owner);
        Assert.NotSame(slab.Bytes, copy.Buffer);
        slab.Bytes.AsSpan().Fill(0xFF); // as the next ones to use it do
        Assert.Equal(("ex", "key", "body"), (Text(copy.Exchange), Text(copy.RoutingKey), Text(copy.Body)));
        Assert.Equal((MessageFlags.Persistent, 2, 0), (copy.Flags, copy.DeliveryCount, copy.Offset));

        copy.Release();
        Assert.Same(copy.Buffer, copy.CopiedOut().Buffer);
        Assert.Equal(bias - 1, slab.References);
        slab.Retire();
    }

    [Fact]
    public void A_run_of_messages_returns_one_reference_each_whatever_slabs_they_lie_in()
    {
        var (a, b) = (Slab.Rent(), Slab.Rent());
        var bias = a.References;
        var own = Message.Create("", "q", Properties, default);
        Message[] run = [InSlab(a, 0), InSlab(a, 100), own, InSlab(a, 200), InSlab(b, 0), InSlab(a, 300), own, own, InSlab(b, 100)];
        MessageRun.Release(run);
        MessageRun.Release([]);

        Assert.Equal((bias - 4, bias - 2), (a.References, b.References));
        a.Retire();
        b.Retire();
    }

    private static Message InSlab(Slab slab, int offset, string body = "")
    {
        var message = Message.Create("ex", "key", Properties, Encoding.UTF8.GetBytes(body));
        message.Buffer!.CopyTo(slab.Bytes, offset);
        message.Buffer = slab.Bytes;
        message.Owner = slab;
        message.Offset = offset;
        slab.Give();
        return message;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
