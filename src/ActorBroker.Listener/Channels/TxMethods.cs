using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 90, tx: publishes and verdicts that count together, at tx.commit.</summary>
internal static class TxMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments)
    {
        switch (id)
        {
            case TxSelect.Id when channel.Publisher.Confirms:
                throw new ChannelException(ReplyCode.PreconditionFailed, "cannot switch from confirm to tx mode", id);
            case TxSelect.Id:
                channel.Transaction ??= new ChannelTransaction(channel);
                channel.Write(new TxSelectOk());
                return default;
            case TxCommit.Id:
                return Commit(channel, Transaction(channel, id));
            case TxRollback.Id:
                Transaction(channel, id).Rollback();
                channel.Write(new TxRollbackOk());
                return default;
            default:
                throw AmqpChannel.Unexpected(id);
        }
    }

    private static async ValueTask Commit(AmqpChannel channel, ChannelTransaction transaction)
    {
        await channel.Answer(transaction.Commit());
        channel.Write(new TxCommitOk());
    }

    private static ChannelTransaction Transaction(AmqpChannel channel, uint id) => channel.Transaction
        ?? throw new ChannelException(ReplyCode.PreconditionFailed, "channel is not transactional", id);
}
