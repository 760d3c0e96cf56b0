using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>
/// The rules of a queue said once more in lists, as plainly as they can be said, to compare the real one with. It does not say who
/// gets a message, only whether a delivery round was right.
/// </summary>
internal sealed class QueueModel(QueueLimits limits)
{
    /// <summary>What waits, head first.</summary>
    public List<ModelMessage> Ready { get; } = [];

    /// <summary>What left by a rule since the last look.</summary>
    public List<string> Left { get; } = [];

    public List<ModelConsumer> Consumers { get; } = [];

    /// <summary>Who gets everything when there is a single active consumer.</summary>
    public ModelConsumer? Chosen { get; set; }

    /// <summary>Were chosen, were cancelled, and still hold something: whoever is chosen now waits.</summary>
    public List<ModelConsumer> Predecessors { get; } = [];

    public IEnumerable<ModelMessage> Unacked => Consumers.SelectMany(c => c.Unacked.Values);

    /// <returns>False when it is refused.</returns>
    public bool Enqueue(ModelMessage message)
    {
        message.Lane = Math.Min(message.Priority, limits.MaxPriority);
        var full = Count + 1 > (limits.MaxLength ?? long.MaxValue) || Bytes + message.Size > (limits.MaxBytes ?? long.MaxValue);
        if (full && limits.Overflow != QueueOverflow.DropHead)
        {
            if (limits.Overflow == QueueOverflow.RejectPublishDeadLetter)
            {
                Left.Add($"{message.Id} {LeaveReason.MaxLength}");
            }

            return false;
        }

        Insert(message);
        return true;
    }

    public void Expire(long now)
    {
        foreach (var message in Ready.Where(m => m.ExpiresAt <= now).ToList())
        {
            Ready.Remove(message);
            Left.Add($"{message.Id} {LeaveReason.Expired}");
        }
    }

    public void DropOverflow()
    {
        while (limits.Overflow == QueueOverflow.DropHead && Ready.Count > 0
            && (Count > (limits.MaxLength ?? long.MaxValue) || Bytes > (limits.MaxBytes ?? long.MaxValue)))
        {
            Left.Add($"{Ready[0].Id} {LeaveReason.MaxLength}");
            Ready.RemoveAt(0);
        }
    }

    public void Settle(ModelConsumer consumer, long from, long to, Outcome outcome)
    {
        for (var number = from; number <= to; number++)
        {
            if (!consumer.Unacked.Remove(number, out var message))
            {
                continue;
            }

            if (outcome == Outcome.Requeue)
            {
                Return(message);
            }
            else if (outcome == Outcome.Discard)
            {
                Left.Add($"{message.Id} {LeaveReason.Rejected}");
            }
        }

        Predecessors.RemoveAll(p => p.Unacked.Count == 0);
    }

    public void Cancel(ModelConsumer consumer)
    {
        consumer.Active = false;
        if (Chosen != consumer)
        {
            return;
        }

        Chosen = Consumers.Where(c => c.Active && !c.State.GetsOnly).OrderByDescending(c => c.State.Priority).FirstOrDefault();
        if (consumer.Unacked.Count > 0)
        {
            Predecessors.Add(consumer);
        }
    }

    public void Gone(ModelConsumer consumer)
    {
        Predecessors.Remove(consumer);
        foreach (var message in consumer.Unacked.Values)
        {
            Return(message);
        }

        consumer.Unacked.Clear();
    }

    /// <summary>A delivery of the real queue happened: is it one that may happen?</summary>
    public void Delivered(ModelConsumer consumer, long number, int id, int deliveryCount)
    {
        Assert.Equal(consumer.Next++, number);
        var message = Ready.Find(m => m.Id == id);
        Assert.True(message is not null, $"{id} went to {consumer.Name} and was not waiting");
        Assert.Equal(message.Returns, deliveryCount);
        Ready.Remove(message);
        if (!consumer.NoAck)
        {
            consumer.Unacked.Add(number, message);
        }
    }

    private long Count => Ready.Count + (limits.CountUnacked ? Unacked.Count() : 0);

    private long Bytes => Ready.Sum(m => m.Size) + (limits.CountUnacked ? Unacked.Sum(m => m.Size) : 0);

    private void Return(ModelMessage message)
    {
        if (++message.Returns > (limits.DeliveryLimit ?? long.MaxValue))
        {
            Left.Add($"{message.Id} {LeaveReason.DeliveryLimit}");
            return;
        }

        Insert(message);
    }

    private void Insert(ModelMessage message)
    {
        var at = Ready.FindIndex(m => m.Lane < message.Lane || (m.Lane == message.Lane && m.Id > message.Id));
        Ready.Insert(at < 0 ? Ready.Count : at, message);
    }
}

/// <summary>A message of the model; numbers grow with each enqueue.</summary>
internal sealed class ModelMessage
{
    public required int Id { get; init; }

    public required int Size { get; init; }

    public required byte Priority { get; init; }

    public required long ExpiresAt { get; init; }

    public int Lane { get; set; }

    public int Returns { get; set; }
}

/// <summary>A consumer, or a holder of gets, of the model.</summary>
internal sealed class ModelConsumer
{
    public required string Name { get; init; }

    public required QueueConsumer State { get; init; }

    public bool NoAck => State.NoAck;

    public bool Active { get; set; } = true;

    public long Next { get; set; } = 1;

    public SortedDictionary<long, ModelMessage> Unacked { get; } = [];
}
