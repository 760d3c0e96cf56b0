using System.Runtime.InteropServices;
using ActorBroker.Addresses;
using ActorBroker.Core.Journal;
using ActorBroker.Core.Messages;
using ActorBroker.Diagnostics;
using ActorBroker.Stores;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.QueueGroups;

/// <summary>Reads messages back for queues whose tail is in the log only: at most one read per queue is under way.</summary>
internal sealed class GroupReader(string logId, IActorRef group, ActorSystem system)
{
    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "actor-broker").OneLine();
    private readonly List<GroupQueue> _waiting = [];
    private readonly IStoreWatcher? _watcher = BrokerSystem.StoreOf(system)?.Watcher;
    private readonly LogPlaces _places = new(logId);
    private LogReader? _reader;

    /// <summary>Answers what the queue wants: by a read, at once when there is nothing, or after the next commit.</summary>
    public void Serve(GroupQueue queue, LogIndex index)
    {
        if (queue.IsReading || queue.Wanted is not { } wanted)
        {
            return;
        }

        if (index.WindowAfter(queue.Uid, wanted.After, wanted.Bytes) is { } window)
        {
            queue.IsReading = true;
            Start(queue, wanted, window);
        }
        else if (queue.HasPending || queue.EncodedUpTo >= (index.Find(queue.Uid)?.NextSequence ?? 1))
        {
            _waiting.Add(queue); // not committed yet
        }
        else
        {
            Answer(queue, wanted, []);
        }
    }

    /// <summary>A write is committed: what waited for it can be read.</summary>
    public void ServeWaiting(LogIndex index)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        var waiting = _waiting.ToArray();
        _waiting.Clear();
        foreach (var queue in waiting)
        {
            Serve(queue, index);
        }
    }

    /// <summary>Once the next write is committed, what the queue wants is looked for anew.</summary>
    public void ServeAfterCommit(GroupQueue queue)
    {
        queue.IsReading = false;
        _waiting.Add(queue);
    }

    /// <summary>A read is done, or failed.</summary>
    public void Done(Read read, LogIndex index, GroupDamage damage)
    {
        read.Queue.IsReading = false;
        _watcher?.Answered();
        if (read.Fault is { } fault)
        {
            _log.Warning(fault, "{0}: messages of {1} could not be read back; tried again in a second", logId, read.Queue.Handle.Description);
            TryLater(read.Queue);
            return;
        }

        if (read.Queue.Wanted == read.Wanted && IsInPlace(read, index))
        {
            if (read.Damaged.Count > 0 && MustWait(read, index, damage))
            {
                return;
            }

            var messages = Pick(read, index);
            if (messages.Count != index.CountLive(read.Queue.Uid, read.Wanted.After, read.UpTo))
            {
                _log.Error(
                    "{0}: events from {1} on should hold messages of {2} and do not: somebody else has changed the store. The queue stands still "
                    + "until they are there again, which is looked for every second; a purge gives them up", logId, read.First, read.Queue.Handle.Description);
                TryLater(read.Queue);
                return;
            }

            if (messages.Count > 0)
            {
                Answer(read.Queue, read.Wanted, messages);
                return;
            }
        }

        Serve(read.Queue, index); // purged meanwhile, or another question
    }

    /// <summary>Damaged events are set aside first; and once that is done, their messages must be settled.</summary>
    private bool MustWait(Read read, LogIndex index, GroupDamage damage)
    {
        var queue = read.Queue;
        var damaged = read.Damaged.Where(d => index.LiveIn(d.SequenceNr, queue.Uid, read.Wanted.After, read.UpTo).Count > 0).ToList();
        if (damaged.Count == 0)
        {
            return false;
        }

        queue.IsReading = true;
        if (damaged.RemoveAll(d => queue.Lost?.Wanted == read.Wanted && queue.Lost.Events.Contains(d.SequenceNr)) > 0 && damaged.Count == 0)
        {
            ServeAfterCommit(queue); // the write that was just committed began before
        }
        else
        {
            damage.SetAside(damaged, read);
        }

        return true;
    }

    private static void Answer(GroupQueue queue, GroupProtocol.Load wanted, List<(Message Message, long Time)> messages)
    {
        queue.Wanted = null;
        queue.Actor.Tell(new GroupProtocol.Loaded(wanted.After, messages, queue.Lost?.Wanted == wanted ? queue.Lost : null));
        queue.Lost = null;
    }

    /// <summary>A second from now.</summary>
    public void TryLater(GroupQueue queue) =>
        system.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), group, new Retry(queue), ActorRefs.NoSender);

    /// <summary>False when the oldest messages were stored elsewhere meanwhile: their old place may have been deleted before it was read.</summary>
    private static bool IsInPlace(Read read, LogIndex index) =>
        index.WindowAfter(read.Queue.Uid, read.Wanted.After, read.Wanted.Bytes)?.FirstSequenceNr == read.First;

    /// <summary>The live messages of the queue in the events that were read, in order.</summary>
    private static List<(Message Message, long Time)> Pick(Read read, LogIndex index)
    {
        var messages = new List<(Message Message, long Time)>();
        var uid = read.Queue.Uid;
        var stored = index.Find(uid);
        var inOrder = true;
        var last = read.Wanted.After;
        foreach (var (_, @event) in read.Sound)
        {
            var from = messages.Count;
            var bytes = 0L;
            var reader = new LogEventReader(@event.Bytes);
            while (reader.MoveNext())
            {
                if (reader.Kind is not (LogRecordKind.Appended or LogRecordKind.Relocated) || reader.Queue != uid
                    || reader.Sequence <= read.Wanted.After || reader.Sequence > read.UpTo || !index.IsLive(uid, reader.Sequence))
                {
                    continue;
                }

                var message = reader.Message;
                message.DeliveryCount = stored!.DeliveryCountOf(message.Sequence);
                inOrder &= message.Sequence > last;
                last = message.Sequence;
                bytes += message.Length;
                messages.Add((message, reader.MessageTime));
            }

            if (bytes * 2 < @event.Bytes.Length)
            {
                CopyOut(CollectionsMarshal.AsSpan(messages)[from..]); // else a few messages would pin the event's memory
            }
        }

        if (!inOrder) // a message that was stored again has two places
        {
            messages = [.. messages.DistinctBy(m => m.Message.Sequence).OrderBy(m => m.Message.Sequence)];
        }

        return messages;
    }

    private static void CopyOut(Span<(Message Message, long Time)> messages)
    {
        foreach (ref var message in messages)
        {
            message.Message.Buffer = message.Message.Buffer.AsSpan(message.Message.Offset, message.Message.Length).ToArray();
            message.Message.Offset = 0;
        }
    }

    private void Start(GroupQueue queue, GroupProtocol.Load wanted, LogWindow window)
    {
        _reader ??= LogReader.For(system);
        _watcher?.Asked();
        _reader.Read(logId, window.FirstSequenceNr, window.LastSequenceNr)
            .PipeTo(
                group,
                ActorRefs.NoSender,
                events => new Read(queue, wanted, window.FirstSequenceNr, window.UpTo, events, DamagedEvent.In(_places, events), null),
                fault => new Read(queue, wanted, window.FirstSequenceNr, window.UpTo, [], [], fault));
    }

    /// <summary>A read failed a while ago: whatever the queue wants now is tried again.</summary>
    public sealed record Retry(GroupQueue Queue) : INoSerializationVerificationNeeded;

    /// <summary>What was read: all live messages of the queue up to that number.</summary>
    public sealed record Read(
        GroupQueue Queue, GroupProtocol.Load Wanted, long First, long UpTo, IReadOnlyList<(long SequenceNr, StoredEvent Event)> Events, IReadOnlyList<DamagedEvent> Damaged,
        Exception? Fault)
        : INoSerializationVerificationNeeded
    {
        /// <summary>Events that are what was written.</summary>
        public IEnumerable<(long SequenceNr, StoredEvent Event)> Sound =>
            Damaged.Count == 0 ? Events : Events.Where(e => !Damaged.Any(d => d.SequenceNr == e.SequenceNr));
    }
}
