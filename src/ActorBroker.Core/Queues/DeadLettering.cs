using System.Text;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <summary>
/// What a message becomes when it leaves a queue for a dead-letter exchange: the same body, with its history in
/// <c>x-death</c>, newest first.
/// </summary>
internal static class DeadLettering
{
    /// <summary>Makes the message that is published to the dead-letter exchange. The original keeps its reference.</summary>
    /// <param name="message">What leaves.</param>
    /// <param name="reason">Why.</param>
    /// <param name="queue">Which queue it leaves.</param>
    /// <param name="exchange">x-dead-letter-exchange.</param>
    /// <param name="routingKey">x-dead-letter-routing-key, or null for the message's own keys.</param>
    /// <param name="now">For x-death.</param>
    public static Message Create(in Message message, LeaveReason reason, string queue, string exchange, string? routingKey, DateTimeOffset now)
    {
        var properties = PropertyView.Parse(message.Properties);
        var headers = FieldTable.FromBytes(properties.Headers);
        var death = Death(message, reason, queue, headers, now, properties);
        var history = History(headers, death, queue, Word(reason));
        var isFirst = !headers.ContainsKey("x-death") && !headers.ContainsKey("x-first-death-reason");
        headers = headers.With("x-death", history);
        if (isFirst)
        {
            headers = headers
                .With("x-first-death-exchange", Text(message.Exchange))
                .With("x-first-death-queue", queue)
                .With("x-first-death-reason", Word(reason));
        }

        headers = headers
            .With("x-last-death-exchange", Text(message.Exchange))
            .With("x-last-death-queue", queue)
            .With("x-last-death-reason", Word(reason));
        if (routingKey is not null)
        {
            headers = headers.Without("CC");
        }

        var output = new AmqpWriter(message.HeaderLength + 512);
        PropertyEditor.Apply(
            message.Properties, new PropertyChanges { Headers = headers.Encoded, Removed = PropertyFlags.Expiration }, output);
        var dead = Message.Create(
            Encoding.UTF8.GetBytes(exchange), routingKey is null ? message.RoutingKey : Encoding.UTF8.GetBytes(routingKey), output.Written, message.Body);
        dead.Flags = message.Flags & MessageFlags.Persistent;
        dead.Priority = properties.Priority;
        return dead;
    }

    /// <summary>
    /// Has this message been in <paramref name="queue"/> before, and come round to it with no consumer having rejected it on the way?
    /// Such a message is dropped: nobody would ever stop it.
    /// </summary>
    public static bool IsCycle(in Message dead, string queue)
    {
        if (FieldTable.FromBytes(PropertyView.Parse(dead.Properties).Headers)["x-death"] is not IReadOnlyList<object?> deaths)
        {
            return false;
        }

        foreach (var death in deaths.OfType<FieldTable>())
        {
            if (death["reason"] is "rejected")
            {
                return false;
            }

            if (death["queue"] is string seen && seen == queue)
            {
                return true;
            }
        }

        return false;
    }

    private static FieldTable Death(
        in Message message, LeaveReason reason, string queue, FieldTable headers, DateTimeOffset now, in PropertyView properties)
    {
        var keys = new List<object?> { Text(message.RoutingKey) };
        if (headers["CC"] is IReadOnlyList<object?> copies)
        {
            keys.AddRange(copies.OfType<string>());
        }

        var fields = new List<KeyValuePair<string, object?>>
        {
            new("count", 1L),
            new("reason", Word(reason)),
            new("queue", queue),
            new("time", AmqpTimestamp.From(now)),
            new("exchange", Text(message.Exchange)),
            new("routing-keys", keys.ToArray()),
        };
        if (properties.TryGetExpiration(out var expiration))
        {
            fields.Add(new("original-expiration", Text(expiration)));
        }

        return new FieldTable(fields);
    }

    /// <summary>A death of the same queue for the same reason is counted up and moves to the front; a new one goes before all others.</summary>
    private static object?[] History(FieldTable headers, FieldTable death, string queue, string reason)
    {
        var older = Merged(headers["x-death"] is IReadOnlyList<object?> list ? list.OfType<FieldTable>().ToList() : []);
        var same = older.FindIndex(d => d["queue"] as string == queue && d["reason"] as string == reason);
        if (same < 0)
        {
            return [death, .. older];
        }

        var again = older[same];
        older.RemoveAt(same);
        return [again.With("count", (CountOf(again) ?? 0) + 1), .. older];
    }

    /// <summary>
    /// Brokers before RabbitMQ 3.5 wrote one entry for each death, without a count: those of one queue and reason become one that counts
    /// them. Where the first has a count, it stands for all.
    /// </summary>
    private static List<FieldTable> Merged(List<FieldTable> deaths)
    {
        if (deaths.Count < 2)
        {
            return deaths;
        }

        var places = new Dictionary<(string? Queue, string? Reason), int>();
        var (merged, counts) = (new List<FieldTable>(), new List<long>());
        foreach (var death in deaths)
        {
            if (places.TryAdd((death["queue"] as string, death["reason"] as string), merged.Count))
            {
                merged.Add(death);
                counts.Add(1);
            }
            else
            {
                counts[places[(death["queue"] as string, death["reason"] as string)]]++;
            }
        }

        for (var i = 0; i < merged.Count; i++)
        {
            merged[i] = CountOf(merged[i]) is null ? merged[i].With("count", counts[i]) : merged[i];
        }

        return merged;
    }

    private static long? CountOf(FieldTable death) => death["count"] switch
    {
        long count => count,
        int count => count,
        short count => count,
        sbyte count => count,
        byte count => count,
        ushort count => count,
        uint count => count,
        _ => null,
    };

    private static string Word(LeaveReason reason) => reason switch
    {
        LeaveReason.Rejected => "rejected",
        LeaveReason.Expired => "expired",
        LeaveReason.DeliveryLimit => "delivery_limit",
        _ => "maxlen",
    };

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
