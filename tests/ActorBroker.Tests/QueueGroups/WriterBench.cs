using System.Globalization;
using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Topology;
using ActorBroker.QueueGroups;
using ActorBroker.Queues;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.QueueGroups;

/// <summary>A writer without actors: the test is the group, its log and its clock. Counts the references of all messages.</summary>
internal sealed class WriterBench
{
    /// <summary>How long this writer's grace is.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(10);

    private const long Now = 1_700_000_000_000;

    private readonly Slab _slab = Slab.Rent();
    private long _uid;
    private long _events;

    public WriterBench()
    {
        _slab.Give(); // the bench's own
        _slab.Retire();
        Writer = new BenchWriter(Grace);
    }

    public BenchWriter Writer { get; }

    /// <summary>What is committed.</summary>
    public LogIndex Index { get; } = new();

    /// <summary>Hears what is told to the group.</summary>
    public Ear Group { get; } = new("group");

    /// <summary>A queue of this group, or of another one.</summary>
    public GroupQueue Queue(Ear? otherGroup = null)
    {
        var uid = ++_uid;
        var definition = new QueueDefinition(
            "/", $"q{uid}", uid, Durable: true, AutoDelete: false, ExclusiveOwner: null, QueueArguments.Parse(Tables.Of(), $"q{uid}", "/"));
        var handle = new QueueHandle(definition);
        var queue = new GroupQueue(handle, otherGroup is null ? Writer.Batcher : new LogBatcher(Grace)) { Actor = new Ear($"queue-{uid}") };
        handle.ServedBy(queue.Actor, otherGroup ?? Group);
        return queue;
    }

    /// <summary>A batch as the queue hands it on. Its messages are numbered from <paramref name="first"/>, which is also what they say.</summary>
    public EnqueueBatch Batch(GroupQueue queue, Core.Channels.ConfirmBatch confirm, int count, long first = 1, int size = 0, bool handedOut = false)
    {
        confirm.Expect();
        var batch = new EnqueueBatch(queue.Handle, null, confirm) { IsHandedOut = handedOut, InGroup = queue };
        for (var i = 0; i < count; i++)
        {
            var body = Encoding.UTF8.GetBytes((first + i).ToString(CultureInfo.InvariantCulture).PadLeft(size, '0'));
            var message = Message.Create("", "q", [0, 0], body);
            message.Flags = MessageFlags.Persistent;
            message.Owner = _slab;
            _slab.Retain(1);
            batch.Add(message, confirm.First + (ulong)i);
        }

        confirm.Last = confirm.First + (ulong)Math.Max(0, count - 1);
        var last = first - 1;
        batch.Number(ref last, all: false);
        return batch;
    }

    /// <summary>A publisher's batch goes to the writer at time 0.</summary>
    /// <returns>Its confirm, which waits for nothing else.</returns>
    public Confirm Add(GroupQueue queue, int count, long first = 1, int size = 0, bool handedOut = false, TimeSpan at = default)
    {
        var confirm = new Confirm();
        Writer.Add(Batch(queue, confirm, count, first, size, handedOut), at);
        confirm.Done();
        return confirm;
    }

    /// <summary>Dead letters from <paramref name="source"/>: one batch for each target, whose messages say where they come from.</summary>
    public DeadLetterMove Move(GroupQueue source, long[] sequences, params (GroupQueue Queue, long First)[] targets)
    {
        var move = new DeadLetterMove(source.Handle, source);
        var batches = targets.Select(t => Batch(t.Queue, move, sequences.Length, t.First)).ToArray();
        foreach (var sequence in sequences)
        {
            move.Add(sequence);
        }

        move.Done();
        foreach (var batch in batches)
        {
            Writer.Add(batch, TimeSpan.Zero);
        }

        return move;
    }

    /// <summary>Begins a write.</summary>
    /// <returns>Its records; empty when there is nothing to write.</returns>
    public string[] Begin(WriteRoom room = WriteRoom.Plenty) => Writer.Next(Now, Index, room) is { } write ? [.. write.Events.SelectMany(Records)] : [];

    /// <summary>The write under way is committed.</summary>
    public void Commit()
    {
        foreach (var @event in Writer.UnderWay!.Events)
        {
            Index.Apply(++_events, @event);
        }

        Writer.Committed();
    }

    /// <summary>Begins a write and commits it.</summary>
    public string[] Write()
    {
        var records = Begin();
        Commit();
        return records;
    }

    /// <summary>Live messages of a queue, as a restart would find them.</summary>
    public long Stored(GroupQueue queue) => Index.Find(queue.Uid)?.Count ?? 0;

    /// <summary>Every message's reference came back, once.</summary>
    public void NothingIsHeld() => Assert.Equal(1, _slab.References);

    /// <summary>What an event says, record by record: <c>append 1.7</c> is message 7 of queue 1.</summary>
    private static List<string> Records(byte[] @event)
    {
        var records = new List<string>();
        var reader = new LogEventReader(@event);
        while (reader.MoveNext())
        {
            records.Add(reader.Kind switch
            {
                LogRecordKind.Appended => $"append {reader.Queue}.{reader.Sequence}",
                LogRecordKind.Relocated => $"relocate {reader.Queue}.{reader.Sequence}",
                LogRecordKind.Settled => $"settle {reader.Queue}.{reader.Range.First}-{reader.Range.Last}",
                LogRecordKind.Returned => $"return {reader.Queue}.{reader.Sequence} x{reader.DeliveryCount}",
                LogRecordKind.Marked => $"mark {reader.Queue} {reader.MarkedUpTo}",
                _ => $"remove {reader.Queue}",
            });
        }

        return records;
    }
}

/// <summary>A reference that notes what it is told.</summary>
internal sealed class Ear(string name) : MinimalActorRef
{
    private readonly List<object> _heard = [];

    /// <inheritdoc/>
    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / name;

    /// <inheritdoc/>
    public override IActorRefProvider Provider => throw new NotSupportedException();

    /// <summary>What it was told so far, as text, and forgets it.</summary>
    public string[] Heard()
    {
        string[] heard = [.. _heard.Select(m => m is GroupProtocol.Changed c ? $"{((GroupQueue)c.Queue).Handle.Name}: {string.Join(' ', c.Settled.Select(r => $"{r.First}-{r.Last}"))}" : $"{m}")];
        _heard.Clear();
        return heard;
    }

    /// <inheritdoc/>
    protected override void TellInternal(object message, IActorRef sender) => _heard.Add(message);
}
