using ActorBroker.TestKit;

public class OrderSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task An_order_survives_a_crash_and_goes_to_the_next_consumer()
    {
        await Broker.DeclareQueue("orders");
        await Broker.Publish("", "orders", "one coffee");
        await Broker.CrashAndRestartAsync();
        var consumer = await Broker.Consume("orders", prefetch: 1);
        (await consumer.ExpectDeliveryAsync("one coffee")).Ack();
        await Broker.Queue("orders").ShouldHaveUnacked(0);
    }
}
