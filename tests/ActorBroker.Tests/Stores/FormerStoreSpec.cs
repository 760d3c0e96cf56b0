using System.Text;

namespace ActorBroker.Tests.Stores;

/// <summary>
/// The rows that the last broker without checksums left when it was killed: durable queues orders, audit (both bound to topic exchange logs)
/// and urgent, and one that was deleted; eight messages in orders and audit, two in urgent, one with an expiration in orders. Of orders 1 and 3
/// are acked, and 2 came back.
/// </summary>
public sealed class FormerStoreSpec : SqliteSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_store_of_format_1_is_opened_and_used_and_read_again()
    {
        await Stop(Start());
        Change($"DELETE FROM journal; DELETE FROM store; {Rows()}");
        var broker = await Broker.StartAsync(Start()).WaitAsync(Patience);
        Assert.Equal(
            ["order 2 again", "order 4", "order 5", "order 6", "order 7", "order 8", "expiring"], await Drain(broker, "orders", ack: false));
        Assert.Equal([.. Enumerable.Range(1, 8).Select(i => $"order {i}")], await Drain(broker, "audit", ack: true));
        Assert.Equal(PublishResult.Confirmed, await broker.Client.PublishAsync("logs", "order.new", "order 9"u8.ToArray()));
        await Stop(broker.System);

        broker = await Broker.StartAsync(Start()).WaitAsync(Patience);
        Assert.Equal(
            ["order 2 again", "order 4 again", "order 5 again", "order 6 again", "order 7 again", "order 8 again", "expiring again", "order 9"],
            await Drain(broker, "orders", ack: true));
        Assert.Equal(["order 9"], await Drain(broker, "audit", ack: true));
        Assert.Equal(["high", "low"], await Drain(broker, "urgent", ack: true));
        await Stop(broker.System);
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(DISTINCT manifest) FROM journal";
        Assert.Equal("ab.group.1,ab.group.2,topology.event", string.Join(',', $"{command.ExecuteScalar()}".Split(',').Order()));
    }

    private static async Task<List<string>> Drain(Broker broker, string queue, bool ack)
    {
        var all = new List<string>();
        while (await broker.Client.GetAsync(queue, autoAck: ack).WaitAsync(Patience) is { } delivery)
        {
            all.Add(Encoding.ASCII.GetString(delivery.Body.Span) + (delivery.Redelivered ? " again" : ""));
        }

        return all;
    }

    private static string Rows()
    {
        using var rows = typeof(FormerStoreSpec).Assembly.GetManifestResourceStream("store-of-format-1.sql")!;
        using var reader = new StreamReader(rows, Encoding.ASCII);
        return reader.ReadToEnd();
    }
}
