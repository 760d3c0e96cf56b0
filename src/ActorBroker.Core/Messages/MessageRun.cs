namespace ActorBroker.Core.Messages;

/// <summary>Messages that lie side by side in an array.</summary>
internal static class MessageRun
{
    /// <summary>One holder more of every message of a run that has a sequence number.</summary>
    public static void RetainNumbered(ReadOnlySpan<Message> run)
    {
        Slab? slab = null;
        var count = 0;
        foreach (ref readonly var message in run)
        {
            if (message.Sequence == 0 || message.Owner is null)
            {
                continue;
            }

            if (!ReferenceEquals(message.Owner, slab))
            {
                slab?.Retain(count);
                slab = message.Owner;
                count = 0;
            }

            count++;
        }

        slab?.Retain(count);
    }

    /// <summary>Returns the references of a run; neighbours of one slab are returned together.</summary>
    public static void Release(ReadOnlySpan<Message> run)
    {
        Slab? slab = null;
        var count = 0;
        foreach (ref readonly var message in run)
        {
            if (!ReferenceEquals(message.Owner, slab))
            {
                slab?.Release(count);
                slab = message.Owner;
                count = 0;
            }

            count++;
        }

        slab?.Release(count);
    }
}
