namespace ActorBroker.Core.Queues;

/// <summary>
/// How far the log's mark of one queue reaches, and how far it should: every message up to it may have been handed out. It is written
/// ahead, by what consumers have room for, and by half of what they have settled; so the number of writes grows with the logarithm of what
/// is delivered, and of what never left at most half as much as was settled is marked, besides the room.
/// </summary>
/// <param name="upTo">What the log says.</param>
internal sealed class DeliveryMark(long upTo)
{
    /// <summary>The mark is never more than this ahead, however long a queue has been consumed.</summary>
    public const int Most = 512 * 1024;

    /// <summary>Room that counts, at most: of consumers without a prefetch.</summary>
    public const int MostRoom = 1024;

    private readonly long _floor = upTo;
    private long? _first; // where this life began to hand out

    /// <summary>The log says so: messages up to this one may be handed out.</summary>
    public long UpTo { get; private set; } = upTo;

    /// <summary>What the log will say when all that was asked for is written.</summary>
    public long Asked { get; private set; } = upTo;

    /// <summary>Names the last question: an answer to an earlier one says nothing.</summary>
    public int Ticket { get; private set; }

    /// <summary>True when nothing need be asked whatever room there is: the cheap look after each turn.</summary>
    /// <param name="handed">Messages above this number were never handed out.</param>
    public bool IsFarAhead(long handed) => Asked - handed >= Math.Max(MostRoom, Step(handed, unacked: 0)) / 2;

    /// <summary>Should the log be asked for more? Then it is <see cref="Asked"/> for.</summary>
    /// <param name="handed">Messages above this number were never handed out.</param>
    /// <param name="stoppedAt">The number that somebody waits for; 0 when nobody does.</param>
    /// <param name="room">How many would be taken at once.</param>
    /// <param name="unacked">Messages that are handed out and not settled.</param>
    public bool TryAsk(long handed, long stoppedAt, int room, int unacked)
    {
        _first ??= handed;
        var ahead = Math.Max(Math.Min(room, MostRoom), Step(handed, unacked));
        var wanted = Math.Max(stoppedAt, handed + ahead);
        var isShort = stoppedAt > Asked || (ahead > 0 && Asked - handed < (ahead + 1) / 2);
        if (!isShort || wanted <= Asked)
        {
            return false;
        }

        Asked = wanted;
        Ticket++;
        return true;
    }

    /// <summary>The log has answered.</summary>
    /// <param name="ticket">The question; one that is not the last is passed over.</param>
    public void Written(int ticket)
    {
        if (ticket == Ticket)
        {
            UpTo = Asked;
        }
    }

    /// <summary>
    /// Nobody takes messages any more: what was marked ahead is taken back, but for what an earlier life had marked. The log may hear of it
    /// at leisure.
    /// </summary>
    /// <param name="handed">Messages above this number were never handed out.</param>
    /// <returns>False when there is nothing to take back.</returns>
    public bool TryLower(long handed)
    {
        var lower = Math.Min(UpTo, Math.Max(handed, _floor));
        if (lower >= Asked)
        {
            return false;
        }

        SetTo(lower);
        return true;
    }

    /// <summary>The queue is at rest: the log will say this, and nothing more is handed out before it says more.</summary>
    public void SetTo(long upTo)
    {
        Asked = UpTo = upTo;
        Ticket++;
        _first = null;
    }

    /// <summary>The log ends, and nothing survives any more: everything may be handed out.</summary>
    public void NoMore() => Asked = UpTo = long.MaxValue;

    private long Step(long handed, int unacked) => Math.Clamp((handed - (_first ?? handed) - unacked) / 2, 0, Most);
}
