using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Features;

/// <summary>Class tx (90): publishes and acknowledgements that count together or not at all.</summary>
public abstract class TransactionSpec(Broker broker) : ConformanceSpec(broker)
{
    [ConformanceFact]
    public async Task Published_messages_appear_with_the_commit()
    {
        var one = await Queue("one");
        var two = await Queue("two");
        var tx = await Select();
        await tx.BasicPublishAsync("", one, "a"u8.ToArray());
        await tx.BasicPublishAsync("", two, "b"u8.ToArray());
        await RoundTrip(tx);
        Assert.Equal((0u, 0u), (await Depth(one), await Depth(two)));

        await tx.TxCommitAsync();

        Assert.Equal(["a"], await Drain(one));
        Assert.Equal(["b"], await Drain(two));
    }

    [ConformanceFact]
    public async Task Rolled_back_messages_never_appear()
    {
        var queue = await Queue();
        var tx = await Select();
        await tx.BasicPublishAsync("", queue, "undone"u8.ToArray());
        await tx.TxRollbackAsync();
        await tx.BasicPublishAsync("", queue, "done"u8.ToArray());
        await tx.TxCommitAsync();

        Assert.Equal(["done"], await Drain(queue));
    }

    [ConformanceFact]
    public async Task Messages_without_a_commit_are_lost_with_the_channel()
    {
        var queue = await Queue();
        var tx = await Select();
        await tx.BasicPublishAsync("", queue, "m"u8.ToArray());

        await tx.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_committed_acknowledgement_counts()
    {
        var queue = await Queue();
        await Send(queue, "m");
        var tx = await Select();
        var got = (await Get(queue, autoAck: false, tx))!;

        await tx.BasicAckAsync(got.Tag, multiple: false);
        await tx.TxCommitAsync();
        await tx.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_acknowledgement_without_a_commit_does_not_count(bool rollback)
    {
        var queue = await Queue();
        await Send(queue, "m");
        var tx = await Select();
        var got = (await Get(queue, autoAck: false, tx))!;
        await tx.BasicAckAsync(got.Tag, multiple: false);
        if (rollback)
        {
            await tx.TxRollbackAsync();
        }

        await tx.CloseAsync();

        await Phase.Until("the message to be back", async () => await Depth(queue) == 1);
        Assert.True((await Get(queue))!.Redelivered);
    }

    [ConformanceFact]
    public async Task After_a_rollback_a_delivery_may_be_acknowledged_again()
    {
        var queue = await Queue();
        await Send(queue, "m");
        var tx = await Select();
        var got = (await Get(queue, autoAck: false, tx))!;
        await tx.BasicAckAsync(got.Tag, multiple: false);
        await tx.TxRollbackAsync();

        await tx.BasicAckAsync(got.Tag, multiple: false);
        await tx.TxCommitAsync();
        await tx.CloseAsync();

        Assert.Empty(await Drain(queue));
    }

    [ConformanceFact]
    public async Task A_reject_waits_for_the_commit_as_well()
    {
        var queue = await Queue();
        await Send(queue, "m");
        var tx = await Select();
        var got = (await Get(queue, autoAck: false, tx))!;
        await tx.BasicRejectAsync(got.Tag, requeue: true);
        await RoundTrip(tx);
        Assert.Equal(0u, await Depth(queue));

        await tx.TxCommitAsync();

        await Phase.Until("the message to be back", async () => await Depth(queue) == 1);
    }

    [ConformanceFact]
    public async Task A_mandatory_message_that_nobody_wants_is_returned()
    {
        var returned = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var tx = await Select();
        tx.BasicReturnAsync += (_, e) =>
        {
            returned.TrySetResult($"{e.ReplyCode} {e.ReplyText}");
            return Task.CompletedTask;
        };

        await tx.BasicPublishAsync("", Name("nobody"), mandatory: true, new BasicProperties(), "m"u8.ToArray());
        await tx.TxCommitAsync();

        Assert.Equal("312 NO_ROUTE", await Phase.Of("the returned message", returned.Task));
    }

    [ConformanceFact]
    public async Task A_thousand_messages_commit_in_order()
    {
        var queue = await Queue();
        var tx = await Select();
        foreach (var number in Numbers(1000))
        {
            await tx.BasicPublishAsync("", queue, System.Text.Encoding.UTF8.GetBytes(number));
        }

        await tx.TxCommitAsync();

        Assert.Equal(Numbers(1000), await Drain(queue));
    }

    private async Task<IChannel> Select()
    {
        var channel = await Open();
        await channel.TxSelectAsync();
        return channel;
    }

    /// <summary>Once answered, the broker has seen everything sent on the channel before.</summary>
    private static Task RoundTrip(IChannel channel) => channel.BasicQosAsync(0, 0, global: false);
}
