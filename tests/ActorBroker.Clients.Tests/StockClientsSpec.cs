using ActorBroker.Clients.Tests.Running;
using ActorBroker.Tests.Shared;

namespace ActorBroker.Clients.Tests;

[Collection(BrokerCollection.Name)]
public sealed class StockClientsSpec(BrokerProcess broker)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Theory]
    [StockClientData("python-pika")]
    [StockClientData("python-aio-pika")]
    [StockClientData("ruby-bunny")]
    [StockClientData("php-amqplib")]
    [StockClientData("go-amqp091")]
    [StockClientData("c-librabbitmq")]
    [StockClientData("java")]
    [StockClientData("node-amqplib")]
    public async Task A_stock_client_gets_back_what_it_sent_and_every_answer_it_counts_on(string client)
    {
        var stock = StockClient.Named(client);
        await stock.CompileAsync();

        using var program = StockClient.Start(stock.Exchange, broker.Uri);
        await program.ShouldSucceedAsync(Limit);
        Assert.DoesNotContain(program.Lines, line => line.StartsWith("differs", StringComparison.Ordinal));
    }
}
