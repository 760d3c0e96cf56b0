namespace ActorBroker.TestKit.Tests;

/// <summary>A broker on a SQLite file.</summary>
public sealed class StoreSpec() : BrokerTestKit(store: TestStore.SqliteFile())
{
    [Fact]
    public async Task What_was_confirmed_is_in_the_file_after_a_crash_and_after_a_restart()
    {
        await Broker.DeclareQueue("work");
        await Broker.Publish("", "work", "first");
        await Broker.CrashAndRestartAsync();
        await Broker.Publish("", "work", "second");
        await Broker.RestartAsync();
        Assert.True(Broker.IsJournaled);
        var consumer = await Broker.Consume("work");
        (await consumer.ExpectDeliveryAsync("first")).Ack();
        (await consumer.ExpectDeliveryAsync("second")).Ack();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1)); // acks are written a little later
        await Broker.CrashAndRestartAsync();
        await Broker.Queue("work").ShouldHaveDepth(0);
    }

    [Fact]
    public async Task What_was_not_committed_is_not_in_the_file_after_a_crash()
    {
        await Broker.DeclareQueue("work");
        Broker.Store.FailWrites();
        var publish = Broker.Publish("", "work", "job");
        await Clock.AtRestAsync();
        await Broker.CrashAndRestartAsync();
        await Assert.ThrowsAnyAsync<Amqp.AmqpException>(() => publish);
        await Broker.Queue("work").ShouldHaveDepth(0);
    }

    [Fact]
    public async Task A_temporary_directory_is_deleted_at_the_end()
    {
        var other = await StartBrokerAsync("other", store: TestStore.SqliteFile());
        var directory = DirectoryOf(other);
        Assert.NotEqual(DirectoryOf(Broker), directory);
        Assert.True(File.Exists(Path.Combine(directory, "actorbroker.db")));
        await other.DisposeAsync();
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task A_directory_of_the_user_stays_and_is_read_by_the_next_broker()
    {
        var directory = Directory.CreateTempSubdirectory("actorbroker \"own\" ").FullName;
        try
        {
            var one = await StartBrokerAsync("one", store: TestStore.SqliteFile(directory));
            await one.DeclareQueue("work");
            await one.Publish("", "work", "job");
            await Assert.ThrowsAsync<IOException>(() => StartBrokerAsync("second", store: TestStore.SqliteFile(directory)));
            await one.DisposeAsync();
            var next = await StartBrokerAsync("next", store: TestStore.SqliteFile(directory));
            await next.Queue("work").ShouldHaveDepth(1);
            await next.DisposeAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string DirectoryOf(Scenarios.TestBroker broker) => broker.Running.System.Settings.Config.GetString("actor-broker.data-dir");
}
