using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;
using Akka.Actor;

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

        var slow = Broker.FindVirtualHost("/")!.FindQueue("slow")!;
        var queue = slow.Actor;
        var valve = Valve.Before(Broker, "slow");
        for (ushort channel = 2; channel <= Channels; channel++)
        {
            await client.Wire.Send(channel, new QueuePurge("slow", NoWait: false));
        }

        await client.Wire.Sync(1);
        var more = await OnAThread(() => ThreadsThatWaitDuringATurn(client, valve, slow.Actor, queue));
        Assert.InRange(more, int.MinValue, Channels / 4);
        for (ushort channel = 2; channel <= Channels; channel++)
        {
            Assert.Equal(QueuePurgeOk.Id, (await client.Wire.Read("purge-ok"))!.MethodId);
        }

        await client.Wire.RoundTrip(1);
    }

    /// <summary>How many threads the pool has got meanwhile. Not on one of them: there may be none.</summary>
    private static int ThreadsThatWaitDuringATurn(ServedClient client, Valve valve, params IActorRef[] onTheWay)
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
        var before = ThreadPool.ThreadCount;
        valve.Open();
        foreach (var actor in onTheWay)
        {
            Assert.True(actor.Ask<ActorIdentity>(new Identify(1), WireClient.Patience).Wait(WireClient.Patience), "the answers do not come");
        }

        var all = SpinWait.SpinUntil(() => ThreadPool.PendingWorkItemCount == 0, WireClient.Patience); // else no thread is left for the rest
        var more = ThreadPool.ThreadCount - before;
        end.Set();
        turn.Join();
        Assert.True(all, "the pool has no thread left");
        return more;
    }

    private static Task<int> OnAThread(Func<int> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
