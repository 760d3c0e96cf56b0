using System.Net.Sockets;
using ActorBroker.Durability.Tests.Crash;
using ActorBroker.Durability.Tests.Running;
using ActorBroker.Durability.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Soak;

/// <summary>
/// Comes, declares, publishes, takes and goes, again and again, each time with new names and another ending. One queue of its own stays for
/// the whole run: what was confirmed there has to be seen some day.
/// </summary>
internal sealed partial class SoakClient(int number, int port, SoakTally tally, int seed)
{
    /// <summary>Messages that wait in the queue that stays, about.</summary>
    private const int Backlog = 200;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly IPatience Patient = Waiting.For(Patience);

    private readonly Random _random = new(seed);
    private readonly List<string> _queues = []; // what the round before left behind
    private readonly List<string> _exchanges = [];
    private int _round;
    private int _next;
    private Socket? _socket;

    /// <summary>The queue that stays.</summary>
    public static string Stays(int number) => $"soak.stays.{number}";

    /// <summary>Works until it is told to stop.</summary>
    /// <exception cref="TimeoutException">The server owes an answer; names which.</exception>
    public async Task Run(CancellationToken stop)
    {
        using var pace = new PeriodicTimer(Pace);
        while (!stop.IsCancellationRequested)
        {
            _round++;
            await using (var connection = await Factory().CreateConnectionAsync($"soak {number}", CancellationToken.None))
            {
                await Sweep(connection);
                await FillWhatStays(connection);
                await TakeFromWhatStays(connection);
                await Churn(connection);
            }

            tally.Did("connection");
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Everything that waits in the queue that stays.</summary>
    public static async Task Drain(IChannel channel, int number, SoakTally tally)
    {
        while (await channel.BasicGetAsync(Stays(number), autoAck: true) is { } got)
        {
            See(CrashBody.Read(got.Body.Span), tally);
        }
    }

    private static void See((MessageId Id, bool Intact) body, SoakTally tally)
    {
        if (!body.Intact)
        {
            tally.Surprises.Enqueue($"the body of {body.Id} is not what was published");
        }

        tally.Saw(body.Id);
    }

    private async Task Sweep(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in _queues)
        {
            await channel.QueueDeleteAsync(queue);
        }

        foreach (var exchange in _exchanges)
        {
            await channel.ExchangeDeleteAsync(exchange);
        }

        _queues.Clear();
        _exchanges.Clear();
    }

    private async Task FillWhatStays(IConnection connection)
    {
        var publisher = await Publisher.Open(connection, Patient);
        var confirms = new List<(MessageId Id, Task<bool> Confirm)>();
        for (var left = _random.Next(5, 20); left > 0; left--)
        {
            var id = new MessageId(number, _next++);
            var body = CrashBody.Write(id, _random);
            confirms.Add((id, await publisher.Send("", Stays(number), body, Properties(persistent: true))));
        }

        foreach (var (id, confirm) in confirms)
        {
            if (await Waiting.For($"the confirm of {id}", confirm, Patience))
            {
                tally.Owes(id);
            }
            else
            {
                tally.Surprises.Enqueue($"{id} was refused (basic.nack)");
            }
        }

        tally.Confirm(confirms.Count);
    }

    /// <summary>By consumer; some of what it was sent is unacked when its channel closes.</summary>
    private async Task TakeFromWhatStays(IConnection connection)
    {
        await using var channel = await connection.CreateChannelAsync();
        var ready = (int)(await channel.QueueDeclarePassiveAsync(Stays(number))).MessageCount;
        var inbox = await Consume(channel, Stays(number), prefetch: 20);
        for (var left = Math.Min(ready, Math.Clamp(ready - Backlog, 5, 60)); left > 0; left--)
        {
            var delivery = await inbox.Next();
            await inbox.Ack(delivery);
            See(CrashBody.Read(delivery.Bytes), tally);
        }

        if (_random.Next(2) == 0)
        {
            await channel.CloseAsync();
            tally.Did("channel closed with a consumer");
        }
    }

    private static async Task<Inbox> Consume(IChannel channel, string queue, ushort prefetch)
    {
        await channel.BasicQosAsync(0, prefetch, global: false);
        var inbox = new Inbox(channel, queue, Patient);
        await channel.BasicConsumeAsync(queue, autoAck: false, inbox);
        return inbox;
    }

    private static BasicProperties Properties(bool persistent) =>
        new() { DeliveryMode = persistent ? DeliveryModes.Persistent : DeliveryModes.Transient };

    /// <summary>Ends the connection without a word (RST).</summary>
    private void Cut()
    {
        _socket?.Close(0);
        tally.Did("connection cut");
    }

    private ConnectionFactory Factory()
    {
        var factory = DurableBroker.Factory(port);
        factory.RequestedHeartbeat = TimeSpan.Zero; // a machine that stands still for a while shall not look like a defect
        factory.ContinuationTimeout = Patience;
        factory.RequestedConnectionTimeout = Patience;
        factory.SocketFactory = family => new TcpClientAdapter(_socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        return factory;
    }
}
