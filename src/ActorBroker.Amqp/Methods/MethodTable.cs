using System.Collections.Frozen;

namespace ActorBroker.Amqp.Methods;

/// <summary>One line of <see cref="MethodTable"/>.</summary>
/// <param name="Id">Class number in the high, method number in the low 16 bits.</param>
/// <param name="Name">As the specification writes it, for example <c>basic.publish</c>.</param>
/// <param name="HasContent">A content header and body frames follow the method.</param>
public sealed record MethodInfo(uint Id, string Name, bool HasContent = false);

/// <summary>All 66 methods of AMQP 0-9-1 with RabbitMQ's extensions.</summary>
public static class MethodTable
{
    private static readonly FrozenDictionary<uint, MethodInfo> ById = new MethodInfo[]
    {
        new(ConnectionStart.Id, "connection.start"),
        new(ConnectionStartOk.Id, "connection.start-ok"),
        new(ConnectionSecure.Id, "connection.secure"),
        new(ConnectionSecureOk.Id, "connection.secure-ok"),
        new(ConnectionTune.Id, "connection.tune"),
        new(ConnectionTuneOk.Id, "connection.tune-ok"),
        new(ConnectionOpen.Id, "connection.open"),
        new(ConnectionOpenOk.Id, "connection.open-ok"),
        new(ConnectionClose.Id, "connection.close"),
        new(ConnectionCloseOk.Id, "connection.close-ok"),
        new(ConnectionBlocked.Id, "connection.blocked"),
        new(ConnectionUnblocked.Id, "connection.unblocked"),
        new(ConnectionUpdateSecret.Id, "connection.update-secret"),
        new(ConnectionUpdateSecretOk.Id, "connection.update-secret-ok"),
        new(ChannelOpen.Id, "channel.open"),
        new(ChannelOpenOk.Id, "channel.open-ok"),
        new(ChannelFlow.Id, "channel.flow"),
        new(ChannelFlowOk.Id, "channel.flow-ok"),
        new(ChannelClose.Id, "channel.close"),
        new(ChannelCloseOk.Id, "channel.close-ok"),
        new(AccessRequest.Id, "access.request"),
        new(AccessRequestOk.Id, "access.request-ok"),
        new(ExchangeDeclare.Id, "exchange.declare"),
        new(ExchangeDeclareOk.Id, "exchange.declare-ok"),
        new(ExchangeDelete.Id, "exchange.delete"),
        new(ExchangeDeleteOk.Id, "exchange.delete-ok"),
        new(ExchangeBind.Id, "exchange.bind"),
        new(ExchangeBindOk.Id, "exchange.bind-ok"),
        new(ExchangeUnbind.Id, "exchange.unbind"),
        new(ExchangeUnbindOk.Id, "exchange.unbind-ok"),
        new(QueueDeclare.Id, "queue.declare"),
        new(QueueDeclareOk.Id, "queue.declare-ok"),
        new(QueueBind.Id, "queue.bind"),
        new(QueueBindOk.Id, "queue.bind-ok"),
        new(QueuePurge.Id, "queue.purge"),
        new(QueuePurgeOk.Id, "queue.purge-ok"),
        new(QueueDelete.Id, "queue.delete"),
        new(QueueDeleteOk.Id, "queue.delete-ok"),
        new(QueueUnbind.Id, "queue.unbind"),
        new(QueueUnbindOk.Id, "queue.unbind-ok"),
        new(BasicQos.Id, "basic.qos"),
        new(BasicQosOk.Id, "basic.qos-ok"),
        new(BasicConsume.Id, "basic.consume"),
        new(BasicConsumeOk.Id, "basic.consume-ok"),
        new(BasicCancel.Id, "basic.cancel"),
        new(BasicCancelOk.Id, "basic.cancel-ok"),
        new(BasicPublish.Id, "basic.publish", HasContent: true),
        new(BasicReturn.Id, "basic.return", HasContent: true),
        new(BasicDeliver.Id, "basic.deliver", HasContent: true),
        new(BasicGet.Id, "basic.get"),
        new(BasicGetOk.Id, "basic.get-ok", HasContent: true),
        new(BasicGetEmpty.Id, "basic.get-empty"),
        new(BasicAck.Id, "basic.ack"),
        new(BasicReject.Id, "basic.reject"),
        new(BasicRecoverAsync.Id, "basic.recover-async"),
        new(BasicRecover.Id, "basic.recover"),
        new(BasicRecoverOk.Id, "basic.recover-ok"),
        new(BasicNack.Id, "basic.nack"),
        new(ConfirmSelect.Id, "confirm.select"),
        new(ConfirmSelectOk.Id, "confirm.select-ok"),
        new(TxSelect.Id, "tx.select"),
        new(TxSelectOk.Id, "tx.select-ok"),
        new(TxCommit.Id, "tx.commit"),
        new(TxCommitOk.Id, "tx.commit-ok"),
        new(TxRollback.Id, "tx.rollback"),
        new(TxRollbackOk.Id, "tx.rollback-ok"),
    }.ToFrozenDictionary(method => method.Id);

    /// <summary>Every method, in no particular order.</summary>
    public static IReadOnlyCollection<MethodInfo> All => ById.Values;

    /// <summary>
    /// Looks a method up; null when there is none of that id (503 COMMAND_INVALID for the connection).
    /// </summary>
    public static MethodInfo? Find(uint id) => ById.GetValueOrDefault(id);

    /// <summary>True when a content header and body frames follow the method.</summary>
    public static bool HasContent(uint id) =>
        id is BasicPublish.Id or BasicReturn.Id or BasicDeliver.Id or BasicGetOk.Id;

    /// <summary>The name and numbers of a method for logs and errors: <c>basic.publish (60, 40)</c>.</summary>
    public static string Describe(uint id) => $"{Find(id)?.Name ?? "unknown method"} ({id >> 16}, {(ushort)id})";
}
