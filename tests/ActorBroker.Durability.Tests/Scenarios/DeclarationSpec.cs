using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Scenarios;

/// <summary>Which queues and exchanges are there after a restart, and that they are the same as before.</summary>
public sealed class DeclarationSpec(DurableBroker broker) : DurabilitySpec(broker)
{
    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task SD_32_A_durable_queue_is_there_after_a_restart_and_a_transient_one_is_not(Ending how)
    {
        var durable = await Queue("durable");
        var transient = Name("transient");
        await Channel.QueueDeclareAsync(transient, durable: false, exclusive: false, autoDelete: false);

        await Restart(how);

        Assert.Equal(durable, (await Channel.QueueDeclarePassiveAsync(durable)).QueueName);
        Assert.Equal(
            $"404 NOT_FOUND - no queue '{transient}' in vhost '/'",
            await Refusal(c => c.QueueDeclarePassiveAsync(transient)));
    }

    [Fact]
    public async Task A_durable_exchange_is_there_after_a_kill_and_a_transient_one_is_not()
    {
        var durable = await Exchange("topic", "durable");
        var transient = Name("transient");
        await Channel.ExchangeDeclareAsync(transient, "topic", durable: false, autoDelete: false);

        await Restart(Ending.Kill);

        await Channel.ExchangeDeclarePassiveAsync(durable);
        Assert.Equal(
            $"404 NOT_FOUND - no exchange '{transient}' in vhost '/'",
            await Refusal(c => c.ExchangeDeclarePassiveAsync(transient)));
    }

    [Fact]
    public async Task SD_33_Another_property_is_refused_word_for_word_after_a_restart_and_an_equal_one_is_accepted()
    {
        var queue = await Queue("orders", ("x-max-length", 3), ("x-overflow", "reject-publish"));
        var exchange = await Exchange("direct");

        await Restart(Ending.Kill);

        await Declare(queue, ("x-max-length", 3), ("x-overflow", "reject-publish"));
        await Channel.ExchangeDeclareAsync(exchange, "direct", durable: true);
        var same = Table(("x-max-length", 3), ("x-overflow", "reject-publish"));
        var start = $"406 PRECONDITION_FAILED - inequivalent arg";
        Assert.Equal(
            $"{start} 'durable' for queue '{queue}' in vhost '/': received 'false' but current is 'true'",
            await Refusal(c => c.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: false, same)));
        Assert.Equal(
            $"{start} 'auto_delete' for queue '{queue}' in vhost '/': received 'true' but current is 'false'",
            await Refusal(c => c.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: true, same)));
        Assert.Equal(
            $"{start} 'x-max-length' for queue '{queue}' in vhost '/': "
            + "received '4' but current is '3'",
            await Refusal(c => c.QueueDeclareAsync(
                queue,
                durable: true,
                exclusive: false,
                autoDelete: false,
                Table(("x-max-length", 4), ("x-overflow", "reject-publish")))));
        Assert.Equal(
            $"{start} 'durable' for exchange '{exchange}' in vhost '/': received 'false' but current is 'true'",
            await Refusal(c => c.ExchangeDeclareAsync(exchange, "direct", durable: false)));
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task A_queue_deleted_and_declared_again_is_empty_also_after_a_restart(Ending how)
    {
        var queue = await Queue();
        await Send(queue, "old");
        await Channel.QueueDeleteAsync(queue);
        await Declare(queue);
        Assert.Equal(0u, await Depth(queue));
        await Send(queue, "new");

        await Restart(how);

        Assert.Equal(["new"], await Bodies(queue));
    }

    [Fact]
    public async Task A_deleted_queue_and_a_deleted_exchange_do_not_return_after_a_kill()
    {
        var queue = await Queue();
        var exchange = await Exchange("fanout");
        await Channel.QueueBindAsync(queue, exchange, "");
        await Send(queue, "m");
        await Channel.QueueDeleteAsync(queue);
        await Channel.ExchangeDeleteAsync(exchange);

        await Restart(Ending.Kill);

        Assert.False(await Exists(queue));
        Assert.StartsWith("404 ", await Refusal(c => c.ExchangeDeclarePassiveAsync(exchange)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Ending.Stop)]
    [InlineData(Ending.Kill)]
    public async Task What_belonged_to_a_connection_or_to_a_consumer_is_gone(Ending how)
    {
        var exclusive = Name("exclusive");
        await Channel.QueueDeclareAsync(exclusive, durable: true, exclusive: true, autoDelete: false);
        await Send(exclusive, "m");
        var transient = Name("auto-delete");
        await Channel.QueueDeclareAsync(transient, durable: false, exclusive: false, autoDelete: true);
        await Consume(transient);

        await Restart(how);

        Assert.False(await Exists(exclusive));
        Assert.False(await Exists(transient));
    }

    [Fact]
    public async Task A_durable_auto_delete_queue_that_had_no_consumer_stays()
    {
        var queue = Name("auto-delete");
        await Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: true);
        await Send(queue, "m");

        await Restart(Ending.Kill);

        Assert.Equal(["m"], await Bodies(queue));
    }

    [Fact]
    public async Task A_durable_queue_named_by_the_server_keeps_its_name_and_messages()
    {
        var queue = (await Channel.QueueDeclareAsync("", durable: true, exclusive: false, autoDelete: false)).QueueName;
        Assert.StartsWith("amq.gen-", queue, StringComparison.Ordinal);
        await Send(queue, "m");

        await Restart(Ending.Kill);

        Assert.Equal(["m"], await Bodies(queue));
        await Channel.QueueDeleteAsync(queue);
    }
}
