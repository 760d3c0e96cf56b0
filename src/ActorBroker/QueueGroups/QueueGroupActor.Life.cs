using ActorBroker.Addresses;
using ActorBroker.Core.Batching;
using ActorBroker.Queues;
using Akka.Actor;

namespace ActorBroker.QueueGroups;

/// <content>How a group begins and ends.</content>
internal sealed partial class QueueGroupActor
{
    private void Open(GroupProtocol.Open open)
    {
        var queue = new GroupQueue(open.Queue, _batcher);
        var contents = Begin(queue);
        queue.Actor = Context.ActorOf(QueueActor.Props(open.Queue, open.Topology, open.Host, contents, _host.Resident), $"queue-{queue.Uid}");
        _queues[queue.Uid] = queue;
        _host.QueueOpened();
        open.Queue.ServedBy(queue.Actor, Self);
        Sender.Tell(new GroupProtocol.Opened(open.Queue));
    }

    /// <summary>What the group keeps of a queue; null when it is deleted.</summary>
    internal GroupQueue? Find(QueueHandle queue) => _queues.GetValueOrDefault(queue.Definition.Uid);

    /// <summary>What the log holds of a queue whose actor begins, or begins anew.</summary>
    private StoredContents Begin(GroupQueue queue)
    {
        var stored = _index.Find(queue.Uid);
        var contents = new StoredContents(queue, (stored?.NextSequence ?? 1) - 1, (int)(stored?.Count ?? 0), stored?.Bytes ?? 0, stored?.MarkedUpTo ?? 0);
        (queue.EncodedUpTo, queue.MarkedUpTo) = (contents.Last, contents.MarkedUpTo);
        return contents;
    }

    /// <summary>A queue begins anew, when the log knows all that its former life has said.</summary>
    private void Reopen(GroupQueue queue)
    {
        queue.Wanted = null;
        _reopening.Add(queue);
        _batcher.EndGrace(TimeSpan.MaxValue);
        var (upTo, ticket) = queue.Mark ?? (queue.MarkedUpTo, 0);
        _batcher.Mark(queue, upTo, ticket); // so that there is something to write
        Plan(_pace.Hurry());
    }

    private void ReopenWritten()
    {
        for (var i = _reopening.Count - 1; i >= 0; i--)
        {
            var queue = _reopening[i];
            if (queue is { IsRemoved: false, HasPending: false, Mark: null, Settled.Count: 0, Returned.Count: 0 })
            {
                _reopening.RemoveAt(i);
                queue.Actor.Tell(Begin(queue));
            }
            else
            {
                Plan(_pace.Hurry());
            }
        }
    }

    /// <summary>
    /// Only now may messages leave: a queue that read earlier would find them expired, and dead-letter them to a queue that is not there yet.
    /// </summary>
    private void AllOpened()
    {
        _allOpened = true;
        foreach (var queue in _queues.Values)
        {
            _reader.Serve(queue, _index);
        }

        foreach (var stored in _index.Queues.Where(q => !_queues.ContainsKey(q.Queue)))
        {
            _batcher.RemoveOrphan(stored.Queue);
        }

        Plan(_pace.Next());
    }

    private void Stop(Reply<bool> reply)
    {
        _stopping = reply;
        _batcher.EndGrace(TimeSpan.MaxValue);
        _notAtRest = _queues.Count;
        foreach (var queue in _queues.Values)
        {
            queue.Actor.Tell(GroupProtocol.Rest.Instance);
        }

        Plan(_pace.Hurry());
    }

    private void AtRest(GroupProtocol.AtRest rest)
    {
        _notAtRest--;
        if (rest.MarkUpTo is { } mark && Find(rest.Queue) is { } queue && mark != (queue.Mark?.UpTo ?? queue.MarkedUpTo))
        {
            _batcher.Mark(queue, mark, ticket: 0);
        }

        if (_notAtRest == 0)
        {
            Plan(_pace.Hurry());
        }
    }

    private void StoppedIfIdle()
    {
        if (_stopping is not null && _notAtRest == 0 && (!_batcher.HasAny || (Room == WriteRoom.None && _batcher is { HasOnlyMessages: true, UnderWay: null })))
        {
            _stopping.Succeed(!_batcher.HasAny); // on a full disk what publishers sent is not waited for: nobody was told that it is safe
            _stopping = null;
        }
    }

    /// <summary>Nothing more is written. What waits is refused, and so is what comes; what asks is answered.</summary>
    private void End(string reason)
    {
        Become(Ended);
        _host.Failed($"{_logId} cannot be written any more: {reason}");
        _batcher.End();
        _batcher.Answers.Tell();
        _stopping?.Succeed(false);
        foreach (var queue in _queues.Values)
        {
            queue.Actor.Tell(new GroupProtocol.Marked(0)); // nobody shall wait
            AnswerWithNothing(queue);
        }
    }

    /// <summary>Nothing more is read, either: whoever waits at the queue for messages shall not wait for ever.</summary>
    private static void AnswerWithNothing(GroupQueue queue)
    {
        if (queue.Wanted is { } wanted)
        {
            queue.Wanted = null;
            queue.Actor.Tell(new GroupProtocol.Loaded(wanted.After, []));
        }
    }

    private void Ended(object message)
    {
        switch (message)
        {
            case GroupProtocol.Open open:
                Open(open);
                break;
            case GroupProtocol.Reopen reopen:
                var failed = (GroupQueue)reopen.Queue;
                failed.Actor.Tell(Begin(failed));
                break;
            case GroupProtocol.Mark mark:
                ((GroupQueue)mark.Queue).Actor.Tell(new GroupProtocol.Marked(0));
                break;
            case GroupProtocol.Changed { Confirm: { } confirm } changed:
                _batcher.Await(changed.Queue, confirm);
                break;
            case EnqueueBatch batch:
                _batcher.Add(batch, now: default);
                break;
            case GroupProtocol.Load load:
                var queue = (GroupQueue)load.Queue;
                queue.Wanted = load;
                AnswerWithNothing(queue);
                break;
            case GroupProtocol.Stop stop:
                stop.Reply.Succeed(false);
                break;
        }

        _batcher.Answers.Tell();
    }
}
