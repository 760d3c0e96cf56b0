using System.Runtime.InteropServices;
using ActorBroker.Amqp;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;

namespace ActorBroker.Listener.Channels;

/// <summary>What a transactional channel has done since the last commit: nobody else has seen it yet.</summary>
internal sealed class ChannelTransaction(AmqpChannel channel)
{
    private readonly List<Message> _publishes = [];

    /// <summary>Verdicts that wait.</summary>
    public List<SettledInTransaction> Verdicts { get; } = [];

    /// <summary>A publish that waits. It keeps its own memory: a transaction may last.</summary>
    public void Add(in Message message) => _publishes.Add(message.CopiedOut());

    /// <summary>tx.commit: all of it takes effect; completes when every queue has taken its messages and verdicts.</summary>
    public Task<bool> Commit()
    {
        var accepted = new TransactionConfirm(channel.Publisher);
        ulong tag = 0;
        foreach (ref var message in CollectionsMarshal.AsSpan(_publishes))
        {
            channel.Publisher.Route(ref message, accepted, ++tag);
        }

        _publishes.Clear();
        channel.Deliveries.Apply(Verdicts, accepted);
        Verdicts.Clear();
        channel.Connection.Settling(channel);
        channel.Connection.FlushToQueues();
        accepted.Done();
        return accepted.Accepted;
    }

    /// <summary>tx.rollback: publishes are forgotten, deliveries are unacked again.</summary>
    public void Rollback()
    {
        _publishes.Clear();
        channel.Deliveries.Restore(Verdicts);
        Verdicts.Clear();
    }
}

/// <summary>Counts the queues that must take a transaction's messages before commit-ok.</summary>
internal sealed class TransactionConfirm(ChannelPublisher publisher) : ConfirmBatch(0)
{
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> Accepted => _accepted.Task;

    public override void Return(in Message message, ulong tag) => publisher.Return(message);

    protected override void Completed()
    {
        if (HasFailed)
        {
            _accepted.TrySetException(new ConnectionException(ReplyCode.InternalError, "the transaction could not be written", (90u << 16) | 20));
        }
        else
        {
            _accepted.TrySetResult(true);
        }
    }
}
