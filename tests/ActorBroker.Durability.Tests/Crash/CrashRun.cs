using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>
/// Publishers and consumers at work while the server is killed again and again, and started at once on the same data
/// and port. Between the kills it closes all connections now and then, or is stopped, or its disk fills up. In the end
/// everything is drained.
/// </summary>
internal sealed partial class CrashRun
{
    /// <summary>The user of all clients, and the password.</summary>
    public const string User = "crash";

    private const int Publishers = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMinutes(3);

    private readonly IServer _server;
    private readonly DiskEpisodes? _disk;
    private readonly CrashTopology _topology = CrashTopology.Standard;
    private readonly Lives _lives = new();
    private readonly Random _random;
    private readonly List<CrashPublisher> _publishers = [];
    private readonly List<CrashConsumer> _consumers = [];
    private int _life;
    private int _kills;
    private TimeSpan _startTime;

    private CrashRun(IServer server, DiskEpisodes? disk, int seed)
    {
        _server = server;
        _disk = disk;
        _random = new Random(seed);
    }

    private History History { get; } = new();

    /// <summary>Runs it all; what the clients have seen is for the checker.</summary>
    /// <param name="disk">The disk of the server when it is to fill up.</param>
    /// <param name="crashes">How often the server is killed, from 1.</param>
    /// <param name="limit">After this no further kill is begun.</param>
    /// <exception cref="TimeoutException">Something hangs; names what.</exception>
    public static async Task<History> Run(IServer server, DiskEpisodes? disk, int crashes, TimeSpan limit, int seed, Action<string> say)
    {
        var run = new CrashRun(server, disk, seed);
        await run.Begin();
        using var stopPublishing = new CancellationTokenSource();
        using var stopConsuming = new CancellationTokenSource();
        var publishers = run.StartPublishers(stopPublishing.Token);
        var churn = new CrashChurn(server.Port, run._lives, run.History, SeedOf(run._random));
        publishers.Add(churn.Run(stopPublishing.Token));
        var consumers = run.StartConsumers(q => q.Manners != Manners.Keep, stopConsuming.Token);

        var from = run.History.Now;
        for (var crash = 0; crash < crashes && run.History.Now < limit; crash++)
        {
            await run.Disturb(crash);
            await run.Crash();
        }

        var crashed = run.History.Now;
        await run.AllAreServed();
        await stopPublishing.CancelAsync();
        await run.For("publishers to get their last confirms", publishers, run._publishers);

        consumers.AddRange(run.StartConsumers(q => q.Manners == Manners.Keep, stopConsuming.Token));
        await run.Drain();
        var drained = run.History.Now;
        await stopConsuming.CancelAsync();
        await run.For("consumers to end", consumers, run._consumers);
        await run.LookAgainAfterAGoodEnd();
        say($"{run._kills} kills in {(crashed - from).TotalSeconds:f1} s, {(crashed - from).TotalSeconds / run._kills:f2} s each; "
            + $"{churn.Deleted} queues deleted, {run._closes} times all connections closed, {run.Cuts} connections cut, {run._stops} stops, "
            + $"{disk?.Count ?? 0} times short of disk and {disk?.Full ?? 0} of these full, {run._startsRefused} starts refused then; "
            + $"last start {run._startTime.TotalSeconds:f2} s; drained in {(drained - crashed).TotalSeconds:f1} s");
        return run.History;
    }

    private int Cuts => _publishers.Sum(p => p.Cuts) + _consumers.Sum(c => c.Cuts);

    private static int SeedOf(Random random) => random.Next();

    private async Task Begin()
    {
        _disk?.Begin();
        await _server.Start();
        if (_server is ActorBrokerServer server)
        {
            await AddUser(server);
        }

        _life = _lives.Begin();
        await using var connection = await DurableBroker.Factory(_server.Port).CreateConnectionAsync("declares");
        await using var channel = await connection.CreateChannelAsync();
        await _topology.Declare(channel);
    }

    private List<Task> StartPublishers(CancellationToken stop)
    {
        for (var number = 0; number < Publishers; number++)
        {
            _publishers.Add(new CrashPublisher(number, _server.Port, _lives, History, _topology, SeedOf(_random)));
        }

        return [.. _publishers.Select(p => p.Run(stop))];
    }

    private List<Task> StartConsumers(Predicate<CrashQueue> which, CancellationToken stop)
    {
        var all = new List<Task>();
        foreach (var queue in _topology.Queues.Where(q => which(q)))
        {
            for (var number = 0; number < queue.Consumers; number++)
            {
                var consumer = new CrashConsumer(number, queue, _server.Port, _lives, History, SeedOf(_random));
                _consumers.Add(consumer);
                all.Add(consumer.Run(stop));
            }
        }

        return all;
    }

    /// <summary>
    /// Most lives are short; every seventh or so is long enough for everybody to be served and for acknowledgements to
    /// be written; and some end while the server recovers.
    /// </summary>
    private async Task Crash()
    {
        var kind = _random.Next(100);
        if (kind < 15)
        {
            await AllAreServed();
            await Task.Delay(_random.Next(700, 1500));
        }
        else
        {
            await Task.Delay(_random.Next(0, 500));
        }

        await Kill();
        var starting = StartAgain();
        if (kind >= 85)
        {
            await Task.WhenAny(starting, Task.Delay(_random.Next(0, (int)_startTime.TotalMilliseconds + 50)));
            await Kill();
            await starting.ContinueWith(_ => { }, TaskScheduler.Default); // killed before it was ready, or just after
            starting = StartAgain();
        }

        var from = History.Now;
        await starting;
        _startTime = History.Now - from;
    }

    private async Task Kill()
    {
        if (!_server.IsRunning)
        {
            History.Surprise($"the server ended by itself in life {_life}");
        }

        await End(Ending.Kill, LifeEnd.Killed);
        _kills++;
    }

    private async Task End(Ending how, LifeEnd end)
    {
        _lives.End();
        if (how == Ending.Stop)
        {
            History.LifeEnds(_life);
        }

        await _server.End(how);
        History.LifeEnded(_life, end);
    }

    private Task StartAgain()
    {
        var starting = _server.Start();
        _life = _lives.Begin();
        return starting;
    }

    /// <summary>Service resumes by itself, for everybody.</summary>
    private async Task AllAreServed()
    {
        CrashClient[] clients = [.. _publishers, .. _consumers];
        await Until("all clients are served", clients, () => Task.FromResult(clients.All(c => c.ServedIn == _life)), Patience);
    }

    private async Task Drain()
    {
        await using var connection = await DurableBroker.Factory(_server.Port).CreateConnectionAsync("looks on");
        await using var channel = await connection.CreateChannelAsync();
        foreach (var consumer in _consumers)
        {
            await consumer.Drain();
        }

        var (steps, quiet) = (-1L, 0);
        await Until(
            "all queues are empty",
            _consumers,
            async () =>
            {
                var isQuiet = steps == History.Steps && await Depths(channel) == "";
                (steps, quiet) = (History.Steps, isQuiet ? quiet + 1 : 0);
                return quiet >= 10;
            },
            DrainPatience);
    }

    /// <summary>After SIGTERM everything that was acknowledged is gone for good.</summary>
    private async Task LookAgainAfterAGoodEnd()
    {
        await End(Ending.Stop, LifeEnd.StoppedAtRest);
        await StartAgain();
        await using var connection = await DurableBroker.Factory(_server.Port).CreateConnectionAsync("looks again");
        await using var channel = await connection.CreateChannelAsync();
        foreach (var name in _topology.AllNames)
        {
            while (await channel.BasicGetAsync(name, autoAck: true) is { } got)
            {
                var id = CrashBody.Read(got.Body.Span).Id;
                History.Note(name, got.Redelivered ? Step.Redelivered : Step.Delivered, id, -1, _life);
                History.Surprise($"{name}: {id} was there after all queues had been drained and the server had ended well");
            }
        }
    }

    private async Task<string> Depths(IChannel channel)
    {
        var depths = new List<string>();
        foreach (var name in _topology.AllNames)
        {
            if ((await channel.QueueDeclarePassiveAsync(name)).MessageCount is > 0 and var depth)
            {
                depths.Add($"{name} {depth}");
            }
        }

        return string.Join(", ", depths);
    }

    private Task For(string what, IEnumerable<Task> tasks, IEnumerable<CrashClient> clients) =>
        Until(what, clients, () => Task.FromResult(tasks.All(t => t.IsCompletedSuccessfully)), Patience);

    private async Task Until(string what, IEnumerable<CrashClient> clients, Func<Task<bool>> condition, TimeSpan limit)
    {
        try
        {
            await Waiting.Until($"{what}, life {_life}", condition, limit);
        }
        catch (TimeoutException e)
        {
            var state = string.Join('\n', clients.Select(c => $"  {c.Name}: {c.Doing}; served last in life {c.ServedIn}"));
            var surprises = string.Join('\n', History.Surprises.Take(20));
            throw new TimeoutException($"{e.Message}\n{state}\n{surprises}\nThe server wrote:\n{Tail(_server.Output)}", e);
        }
    }

    private static string Tail(string output) => string.Join('\n', output.Split('\n').TakeLast(60));
}
