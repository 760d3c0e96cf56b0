using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>Class tx (90) used out of turn, and mixed with confirms (85).</summary>
public abstract class TransactionErrorsSpec(Broker broker) : RawSpec(broker)
{
    private const string NotTransactional = "PRECONDITION_FAILED - channel is not transactional";

    [ConformanceFact]
    public Task Commit_without_select_is_refused() => ClosesChannel(406, NotTransactional, c => c.TxCommitAsync());

    [ConformanceFact]
    public Task Rollback_without_select_is_refused() => ClosesChannel(406, NotTransactional, c => c.TxRollbackAsync());

    [ConformanceFact]
    public async Task A_confirming_channel_cannot_become_transactional()
    {
        await using var client = await OpenRawChannel();
        await client.Send(1, Raw.Methods.ConfirmSelect, a => a.Octet(0));
        await client.Expect(Raw.Methods.ConfirmSelectOk);
        await client.Send(1, Raw.Methods.TxSelect);

        Assert.Equal(
            Refusal.OfChannel(406, "PRECONDITION_FAILED - cannot switch from confirm to tx mode"),
            await client.ExpectRefusal());
    }

    [ConformanceFact]
    public async Task A_transactional_channel_cannot_confirm()
    {
        await using var client = await OpenRawChannel();
        await client.Send(1, Raw.Methods.TxSelect);
        await client.Expect(Raw.Methods.TxSelectOk);
        await client.Send(1, Raw.Methods.ConfirmSelect, a => a.Octet(0));

        Assert.Equal(
            Refusal.OfChannel(406, "PRECONDITION_FAILED - cannot switch from tx to confirm mode"),
            await client.ExpectRefusal());
    }

    [ConformanceFact]
    public async Task Selecting_twice_is_fine()
    {
        await Channel.TxSelectAsync();
        await Channel.TxSelectAsync();
        await Channel.TxCommitAsync();
    }
}
