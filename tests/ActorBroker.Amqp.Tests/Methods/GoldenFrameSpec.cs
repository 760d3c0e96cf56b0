using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Tests.Methods;

/// <summary>Frames as other implementations put them on the wire. Add lines; never change or remove one.</summary>
public class GoldenFrameSpec
{
    private static readonly FieldTable Nothing = FieldTable.Empty;

    [Fact]
    public void Connection_start() => Check(
        new ConnectionStart(0, 9, Table("product", "ab"), "PLAIN AMQPLAIN", "en_US"), 0,
        "01000000000034000A000A00090000000F0770726F64756374530000000261620000000E504C41494E20414D51504C41494E00000005"
        + "656E5F5553CE");

    [Fact]
    public void Connection_start_ok() => Check(
        new ConnectionStartOk(
            Table("capabilities", Table("basic.nack", true)), "PLAIN", new LongString("\0guest\0guest"u8), "en_US"), 0,
        "01000000000043000A000B0000001F0C6361706162696C6974696573460000000D0A62617369632E6E61636B740105504C41494E0000"
        + "000C00677565737400677565737405656E5F5553CE");

    [Fact]
    public void Connection_tune() =>
        Check(new ConnectionTune(2047, 131_072, 60), 0, "0100000000000C000A001E07FF00020000003CCE");

    [Fact]
    public void Connection_open() => Check(new ConnectionOpen("/"), 0, "01000000000008000A0028012F0000CE");

    [Fact]
    public void Connection_open_ok() => Check(default(ConnectionOpenOk), 0, "01000000000005000A002900CE");

    [Fact]
    public void Connection_close() => Check(
        new ConnectionClose(ReplyCode.ConnectionForced, "CONNECTION_FORCED - bye", 0, 0), 0,
        "01000000000022000A0032014017434F4E4E454354494F4E5F464F52434544202D2062796500000000CE");

    [Fact]
    public void Connection_blocked() => Check(
        new ConnectionBlocked("low on memory"), 0, "01000000000012000A003C0D6C6F77206F6E206D656D6F7279CE");

    [Fact]
    public void Connection_unblocked() => Check(default(ConnectionUnblocked), 0, "01000000000004000A003DCE");

    [Fact]
    public void Connection_update_secret() => Check(
        new ConnectionUpdateSecret(new LongString("token"u8), "renewed"), 0,
        "01000000000015000A004600000005746F6B656E0772656E65776564CE");

    [Fact]
    public void Connection_update_secret_ok() =>
        Check(default(ConnectionUpdateSecretOk), 0, "01000000000004000A0047CE");

    [Fact]
    public void Channel_open() => Check(default(ChannelOpen), 1, "010001000000050014000A00CE");

    [Fact]
    public void Channel_open_ok() => Check(default(ChannelOpenOk), 1, "010001000000080014000B00000000CE");

    [Fact]
    public void Channel_close() => Check(
        new ChannelClose(ReplyCode.NotFound, "NOT_FOUND - no queue 'q' in vhost '/'", 50, 10), 1,
        "01000100000030001400280194254E4F545F464F554E44202D206E6F2071756575652027712720696E2076686F737420272F270032000A"
        + "CE");

    [Fact]
    public void Access_request() => Check(
        new AccessRequest("/data", true, true, false, true, false), 1, "0100010000000B001E000A052F646174610BCE");

    [Fact]
    public void Access_request_ok() => Check(new AccessRequestOk(1), 1, "01000100000006001E000B0001CE");

    [Fact]
    public void Exchange_declare() => Check(
        new ExchangeDeclare("logs", "fanout", false, true, true, false, false, Nothing), 1,
        "010001000000170028000A0000046C6F67730666616E6F75740600000000CE");

    [Fact]
    public void Exchange_bind() =>
        Check(new ExchangeBind("a", "b", "k", true, Nothing), 1, "010001000000110028001E000001610162016B0100000000CE");

    [Fact]
    public void Exchange_unbind_ok() => Check(default(ExchangeUnbindOk), 1, "0100010000000400280033CE");

    [Fact]
    public void Queue_declare() => Check(
        new QueueDeclare("orders", false, true, false, false, false, Table("x-max-length", (sbyte)10)), 1,
        "010001000000210032000A0000066F7264657273020000000F0C782D6D61782D6C656E677468620ACE");

    [Fact]
    public void Queue_declare_ok() =>
        Check(new QueueDeclareOk("orders", 3, 1), 1, "010001000000130032000B066F72646572730000000300000001CE");

    [Fact]
    public void Basic_qos() => Check(new BasicQos(0, 10, true), 1, "0100010000000B003C000A00000000000A01CE");

    [Fact]
    public void Basic_consume() => Check(
        new BasicConsume("q", "c", false, true, false, false, Nothing), 1,
        "0100010000000F003C00140000017101630200000000CE");

    [Fact]
    public void Basic_publish() => Check(
        new Publish("logs", "info", true, false), 1, "01000100000011003C00280000046C6F677304696E666F01CE");

    [Fact]
    public void Basic_return() => Check(
        new BasicReturn(ReplyCode.NoRoute, "NO_ROUTE", "logs", "info"), 1,
        "01000100000019003C00320138084E4F5F524F555445046C6F677304696E666FCE");

    [Fact]
    public void Basic_deliver() => Check(
        new BasicDeliver("ctag", 7, true, "logs", "info"), 1,
        "0100010000001C003C003C0463746167000000000000000701046C6F677304696E666FCE");

    [Fact]
    public void Basic_get_ok() =>
        Check(new BasicGetOk(1, false, "", "q", 2), 1, "01000100000014003C004700000000000000010000017100000002CE");

    [Fact]
    public void Basic_ack() => Check(new BasicAck(5, true), 1, "0100010000000D003C0050000000000000000501CE");

    [Fact]
    public void Basic_nack() => Check(new BasicNack(5, true, true), 1, "0100010000000D003C0078000000000000000503CE");

    [Fact]
    public void Basic_reject() => Check(new BasicReject(5, true), 1, "0100010000000D003C005A000000000000000501CE");

    [Fact]
    public void Confirm_select() => Check(new ConfirmSelect(true), 1, "010001000000050055000A01CE");

    [Fact]
    public void Tx_commit() => Check(default(TxCommit), 1, "01000100000004005A0014CE");

    private static FieldTable Table(string name, object? value) => FieldTable.Empty.With(name, value);

    private static void Check<T>(T method, ushort channel, string hex)
        where T : struct, IAmqpMethod<T>
    {
        Assert.Equal(hex, Bytes.Hex(w => FrameWriter.WriteMethod(w, channel, method)));

        var reader = new AmqpReader(Bytes.Of(hex).AsSpan()[7..^1]);
        Assert.Equal(T.MethodId, reader.ReadLong());
        Assert.Equal(method, T.Read(ref reader));
        Assert.Equal(0, reader.Remaining);
    }
}
