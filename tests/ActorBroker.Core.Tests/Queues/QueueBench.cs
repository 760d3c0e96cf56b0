using System.Buffers;
using System.Globalization;
using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>A queue with numbered messages, short words for what happens to it, and all that came out.</summary>
internal sealed class QueueBench(QueueLimits? limits = null)
{
    private readonly List<QueueConsumer> _touched = [];
    private readonly List<Leaving> _leaving = [];

    public QueueState State { get; } = new(limits ?? new QueueLimits());

    /// <summary>Milliseconds.</summary>
    public long Now { get; set; } = 1000;

    public static Message Numbered(int number, int size = 0, byte priority = 0, string? expiration = null)
    {
        var body = number.ToString(CultureInfo.InvariantCulture).PadRight(size);
        var properties = new BasicProperties { Expiration = expiration }.ToBytes();
        var message = Message.Create("", "q", properties, Encoding.UTF8.GetBytes(body));
        message.Priority = priority;
        message.Flags = expiration is null ? MessageFlags.None : MessageFlags.HasExpiration;
        return message;
    }

    public static int NumberOf(in Message message) => int.Parse(message.Body, CultureInfo.InvariantCulture);

    /// <summary>Messages with these numbers, as one batch.</summary>
    public void Enqueue(params int[] numbers) => State.ApplyEnqueued(Array.ConvertAll(numbers, n => Numbered(n)));

    /// <summary>One message, by all rules, as the shell does it; nobody is served yet.</summary>
    /// <returns>False when it was refused.</returns>
    public bool EnqueueOne(int number, int size = 0, byte priority = 0, string? expiration = null)
    {
        var message = Numbered(number, size, priority, expiration);
        if (!State.DecideEnqueue(message))
        {
            State.ApplyRefused(message);
            return false;
        }

        State.ApplyEnqueued(message, Now);
        State.Expire(Now);
        State.DropOverflow();
        return true;
    }

    public BenchConsumer Subscribe(
        string name = "consumer",
        int prefetch = 0,
        int priority = 0,
        bool exclusive = false,
        bool noAck = false,
        ChannelGate? gate = null,
        DeliveryWindow? window = null)
    {
        var consumer = new BenchConsumer(name, prefetch, priority, exclusive, noAck, false, gate, window);
        State.DecideSubscribe(consumer.State, "queue 'q' in vhost '/'");
        State.ApplySubscribed(consumer.State);
        return consumer;
    }

    public static BenchConsumer Getter(bool noAck = false) => new("getter", 0, 0, false, noAck, true, null, null);

    /// <summary>The number of the message that basic.get finds, or null.</summary>
    public int? Get(BenchConsumer holder) =>
        State.TryGet(holder.State, out var message, out var number) ? holder.Note(message, number) : null;

    /// <summary>One delivery round; each consumer notes what it got.</summary>
    public void Deliver()
    {
        State.Deliver(_touched);
        foreach (var consumer in _touched)
        {
            ((BenchConsumer)consumer.Link).TakeBatch();
        }

        _touched.Clear();
    }

    public void Ack(BenchConsumer consumer, long from, long? to = null) => Settle(consumer, from, to, Outcome.Ack);

    public void Requeue(BenchConsumer consumer, long from, long? to = null) => Settle(consumer, from, to, Outcome.Requeue);

    public void Discard(BenchConsumer consumer, long from, long? to = null) => Settle(consumer, from, to, Outcome.Discard);

    public void Gone(params BenchConsumer[] consumers) => State.ApplyGone(Array.ConvertAll(consumers, c => c.State));

    /// <summary>Numbers of the messages that left by a rule since the last look, each with its reason.</summary>
    public string[] Left()
    {
        State.TakeLeaving(_leaving);
        string[] left = [.. _leaving.Select(l => $"{NumberOf(l.Message)} {l.Reason}")];
        _leaving.ForEach(l => l.Message.Release());
        _leaving.Clear();
        return left;
    }

    /// <summary>Takes and acks all that waits.</summary>
    public int[] Drain()
    {
        var getter = Getter(noAck: true);
        var numbers = new List<int>();
        while (Get(getter) is { } number)
        {
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private void Settle(BenchConsumer consumer, long from, long? to, Outcome outcome)
    {
        var settled = State.ApplySettled(consumer.State, from, to ?? from, outcome);
        consumer.State.Gate?.Return(settled);
    }
}

/// <summary>A consumer that remembers what it got.</summary>
internal sealed class BenchConsumer
{
    private readonly string _name;

    public BenchConsumer(
        string name, int prefetch, int priority, bool exclusive, bool noAck, bool getsOnly, ChannelGate? gate, DeliveryWindow? window)
    {
        _name = name;
        State = new QueueConsumer
        {
            Link = this,
            Prefetch = prefetch,
            Priority = priority,
            Exclusive = exclusive,
            NoAck = noAck,
            GetsOnly = getsOnly,
            Gate = gate,
            Window = window,
        };
    }

    public QueueConsumer State { get; }

    public List<(long Number, int Message, bool Redelivered)> Got { get; } = [];

    /// <summary>The numbers of the messages, in the order in which they came.</summary>
    public int[] Messages => [.. Got.Select(g => g.Message)];

    public int Note(in Message message, long number)
    {
        Got.Add((number, QueueBench.NumberOf(message), message.Redelivered));
        return Got[^1].Message;
    }

    public void TakeBatch()
    {
        var number = State.BatchFirst;
        foreach (ref readonly var message in State.Batch)
        {
            Note(message, number++);
        }

        ArrayPool<Message>.Shared.Return(State.TakeBatch(), clearArray: true);
    }

    public override string ToString() => _name;
}
