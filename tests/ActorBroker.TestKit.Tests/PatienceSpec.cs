using RabbitMQ.Client;

namespace ActorBroker.TestKit.Tests;

/// <summary>A test that waits for what only itself can bring about fails, and hears how to mend it.</summary>
public sealed class PatienceSpec() : BrokerTestKit(journaled: true)
{
    [Fact]
    public async Task An_awaited_publish_whose_write_is_held_fails_with_what_to_do()
    {
        await Broker.DeclareQueue("q");
        Broker.Store.HoldWrites();
        var told = await Assert.ThrowsAsync<TimeoutException>(() => Broker.Publish("", "q", "stuck"));
        Assert.Equal(
            "waited 5 s of real time for the confirm of 'stuck' to exchange '' with key 'q', and nothing goes on in the broker: "
            + "writes to the journal are held, until Broker.Store.Release(); the clock stands still at 00:00:00",
            told.Message.Split(", and a timer")[0]);
        Assert.Contains("keep the task, await Clock.AdvanceAsync(...) over it, then await the task", told.Message);
        Broker.Store.Release();
        await Broker.Queue("q").ShouldHaveDepth(1);
    }

    [Fact]
    public async Task So_does_one_that_an_alarm_holds_back()
    {
        await Broker.DeclareQueue("q");
        await Broker.RaiseMemoryAlarm();
        var told = await Assert.ThrowsAsync<TimeoutException>(() => Broker.Publish("", "q", "stuck"));
        Assert.Contains("publishers are blocked (low on memory), until Broker.ClearMemoryAlarm()", told.Message);
        await Broker.ClearMemoryAlarm();
        await Broker.Publish("", "q", "behind it");
        await Broker.Queue("q").ShouldHaveDepth(2);
    }

    [Fact]
    public async Task So_does_a_request_of_your_own_code_that_nobody_answers()
    {
        await Broker.DeclareQueue("rpc");
        var told = await Assert.ThrowsAsync<TimeoutException>(() => Broker.Client.RequestAsync("", "rpc", default, timeout: TimeSpan.FromMinutes(1)));
        Assert.Contains("waited 5 s of real time for the reply to a request to exchange '' with key 'rpc'", told.Message);
        Assert.Contains("a timer is due in ", told.Message);
    }

    [Fact]
    public async Task A_stock_client_needs_nothing_but_the_address()
    {
        await using (var connection = await new ConnectionFactory { Uri = Broker.AmqpUri }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.QueueDeclareAsync("q", durable: true, exclusive: false, autoDelete: false);
            await channel.BasicPublishAsync("", "q", "x"u8.ToArray());
        }

        await Broker.Queue("q").ShouldHaveDepth(1);
        Assert.Equal(Broker.AmqpUri.Port, Broker.In("/").AmqpUri.Port);
    }
}
