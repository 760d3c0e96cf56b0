using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>What the consumers of a queue do with its messages.</summary>
public enum Manners
{
    /// <summary>Each message is acknowledged by itself.</summary>
    AckEach,

    /// <summary>Several are acknowledged at once; now and then all of them are requeued.</summary>
    AckMany,

    /// <summary>Every tenth message goes back once or more often.</summary>
    Requeue,

    /// <summary>Every third message is rejected and becomes a dead letter.</summary>
    Reject,

    /// <summary>Nobody consumes before the end: all that was ever confirmed has to survive all crashes.</summary>
    Keep,
}

/// <summary>A queue of the run.</summary>
/// <param name="Consumers">How many clients read it, each with its own connection.</param>
/// <param name="DeadLetters">Where rejected messages have to arrive at last; null when there are none.</param>
public sealed record CrashQueue(string Name, Manners Manners, int Consumers, string? DeadLetters = null)
{
    /// <summary>
    /// Dead letters get here: at least once, so a second copy is allowed, and in the order of their deaths.
    /// </summary>
    public bool TakesDeadLetters { get; init; }

    /// <summary>One consumer at a time; each leaves now and then, in all the ways there are, and comes again.</summary>
    public bool SingleActive { get; init; }
}

/// <summary>Exchange, key and the queues that get a copy.</summary>
public sealed record CrashRoute(string Exchange, string Key, params string[] Queues);

/// <summary>Queues, exchanges and ways between them in a crash run.</summary>
public sealed class CrashTopology
{
    private const string Fan = "crash.fan";
    private const string Dead = "crash.dead";
    private const string Wait = "crash.wait";

    public static readonly CrashTopology Standard = new(
        [
            new CrashQueue("crash.each", Manners.AckEach, 2),
            new CrashQueue("crash.many", Manners.AckMany, 1),
            new CrashQueue("crash.requeue", Manners.Requeue, 2),
            new CrashQueue("crash.fan.a", Manners.AckMany, 1),
            new CrashQueue("crash.fan.b", Manners.Requeue, 1),
            new CrashQueue("crash.keep", Manners.Keep, 1),
            new CrashQueue("crash.single", Manners.AckMany, 3) { SingleActive = true },
            new CrashQueue("crash.reject", Manners.Reject, 1, Dead),
            new CrashQueue(Dead, Manners.AckEach, 1) { TakesDeadLetters = true },
        ],
        [
            new CrashRoute("", "crash.each", "crash.each"),
            new CrashRoute("", "crash.many", "crash.many"),
            new CrashRoute("", "crash.requeue", "crash.requeue"),
            new CrashRoute("", "crash.keep", "crash.keep"),
            new CrashRoute("", "crash.single", "crash.single"),
            new CrashRoute(Fan, "", "crash.fan.a", "crash.fan.b", "crash.each"),
            new CrashRoute("", "crash.reject", "crash.reject"),
        ]);

    public CrashTopology(IReadOnlyList<CrashQueue> queues, IReadOnlyList<CrashRoute> routes) =>
        (Queues, Routes) = (queues, routes);

    public IReadOnlyList<CrashQueue> Queues { get; }

    public IReadOnlyList<CrashRoute> Routes { get; }

    /// <summary>Names of all queues, those without consumers included.</summary>
    public IEnumerable<string> AllNames => [.. Queues.Select(q => q.Name), Wait];

    /// <summary>Declares everything, all durable.</summary>
    public async Task Declare(IChannel channel)
    {
        await channel.ExchangeDeclareAsync(Fan, "fanout", durable: true);
        await DeclareQueue(channel, Wait, ("x-message-ttl", 150), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", Dead));
        foreach (var queue in Queues)
        {
            if (queue.SingleActive)
            {
                await DeclareQueue(channel, queue.Name, ("x-single-active-consumer", true));
                continue;
            }

            // A chain: rejected messages wait in a queue until they expire there.
            await (queue.DeadLetters is null
                ? DeclareQueue(channel, queue.Name)
                : DeclareQueue(channel, queue.Name, ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", Wait)));
        }

        foreach (var queue in Routes.Where(r => r.Exchange == Fan).SelectMany(r => r.Queues))
        {
            await channel.QueueBindAsync(queue, Fan, "");
        }
    }

    private static async Task DeclareQueue(IChannel channel, string name, params (string Key, object? Value)[] arguments) =>
        await channel.QueueDeclareAsync(
            name, durable: true, exclusive: false, autoDelete: false, arguments.ToDictionary(a => a.Key, a => a.Value));
}
