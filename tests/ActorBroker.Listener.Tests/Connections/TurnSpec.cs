using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Connections;

/// <summary>One turn of a connection runs at a time, and no threads stand in line for it.</summary>
public sealed class TurnSpec : ListenerSpec
{
    private const ushort Channels = 60; // more threads than the pool has to begin with

    [Fact]
    public async Task Answers_that_come_while_a_turn_goes_on_take_no_threads_from_others()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "slow");
        for (ushort channel = 2; channel <= Channels; channel++)
        {
            await client.Wire.OpenChannel(channel);
        }

        var valve = Valve.Before(Broker, "slow");
        for (ushort channel = 2; channel <= Channels; channel++)
        {
            await client.Wire.Send(channel, new QueuePurge("slow", NoWait: false));
        }

        await client.Wire.Sync(1);
        Assert.True(await OnAThread(() => PoolWorksDuringATurn(client, valve)), "threads of the pool stand in line for the turn");
        for (ushort channel = 2; channel <= Channels; channel++)
        {
            Assert.Equal(QueuePurgeOk.Id, (await client.Wire.Read("purge-ok"))!.MethodId);
        }

        await client.Wire.RoundTrip(1);
    }

    /// <summary>Not on a thread of the pool: there may be none.</summary>
    private static bool PoolWorksDuringATurn(ServedClient client, Valve valve)
    {
        using var begun = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        var turn = new Thread(() => client.Connection.RunTurn(() =>
        {
            begun.Set();
            end.Wait();
        }));
        turn.Start();
        begun.Wait();
        valve.Open();
        Thread.Sleep(500); // until the answers are there
        var works = false;
        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(3); !works && DateTime.UtcNow < until; Thread.Sleep(10))
        {
            works = ThreadPool.PendingWorkItemCount == 0; // else each thread that the pool gets, two a second, stands in line as well
        }

        end.Set();
        turn.Join();
        return works;
    }

    private static Task<bool> OnAThread(Func<bool> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
