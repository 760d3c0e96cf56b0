using ActorBroker.Durability.Tests.Running;

namespace ActorBroker.Durability.Tests.Crash;

/// <content>What happens to the server besides being killed.</content>
internal sealed partial class CrashRun
{
    private const string DiskIsFull = "the disk is full, and the broker cannot open its store";

    private int _closes;
    private int _stops;
    private int _startsRefused;

    private static async Task AddUser(ActorBrokerServer server)
    {
        await server.Command("add-user", User, "--password", User);
        await server.Command("set-permissions", User, ".*", ".*", ".*");
    }

    /// <summary>What happens beside the kills, each in its turn.</summary>
    private Task Disturb(int crash) => (crash % 10, _server) switch
    {
        (1 or 6, ActorBrokerServer server) => CloseConnections(server),
        (2, _) => Stop(),
        (3 or 5 or 7 or 9, _) when _disk is not null => FillDisk(_disk, withKill: crash % 10 is 5 or 7),
        _ => Task.CompletedTask,
    };

    /// <summary>The user of all clients is deleted, which closes their connections, and comes again.</summary>
    private async Task CloseConnections(ActorBrokerServer server)
    {
        await AllAreServed();
        await Task.Delay(_random.Next(0, 500));
        _lives.End();
        History.LifeEnds(_life);
        await server.Command("delete-user", User);
        await AddUser(server);
        History.LifeEnded(_life, LifeEnd.Closed);
        _life = _lives.Begin();
        _closes++;
        await AllAreServed();
    }

    private async Task Stop()
    {
        await AllAreServed();
        await Task.Delay(_random.Next(0, 500));
        await End(Ending.Stop, LifeEnd.StoppedAtWork);
        await StartAgain();
        _stops++;
    }

    /// <summary>There is no room for some seconds, in which the server may be killed; then publishers go on by themselves.</summary>
    private async Task FillDisk(DiskEpisodes disk, bool withKill)
    {
        await AllAreServed();
        disk.Fill();
        await Task.Delay(_random.Next(500, 2000));
        Task starting = Task.CompletedTask;
        if (withKill)
        {
            await Kill();
            starting = StartAgain();
            await starting.ContinueWith(_ => { }, TaskScheduler.Default);
            await Task.Delay(_random.Next(0, 1000));
        }

        disk.Free();
        if (starting.IsFaulted && SaysThatDiskIsFull(starting.Exception))
        {
            _startsRefused++;
            _lives.End();
            History.LifeEnded(_life, LifeEnd.Killed);
            starting = StartAgain();
        }

        await starting;
        await AllAreServed();
        var before = _publishers.ConvertAll(p => p.Served);
        await Until(
            "publishers go on when the disk has room again",
            _publishers,
            () => Task.FromResult(_publishers.Select((p, i) => p.Served > before[i]).All(b => b)),
            Patience);
    }

    /// <summary>At the end of all that the server has written so far.</summary>
    private static bool SaysThatDiskIsFull(AggregateException failure) =>
        failure.InnerException is InvalidOperationException e
        && e.Message.Split('\n').TakeLast(5).Any(line => line.Contains(DiskIsFull, StringComparison.Ordinal));
}
