using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Queues;

/// <content>
/// The mark of a queue with a log: numbered messages are handed out only up to a number of which the log says that they may have been,
/// since a restart must know which. <see cref="DeliveryMark"/> says how far ahead it is set.
/// </content>
internal sealed partial class QueueState
{
    /// <summary>The last number that was given out; 0 without a log.</summary>
    public long LastNumber { get; set; }

    /// <summary>Messages up to this number may be handed out.</summary>
    public long HandOutUpTo { get; set; } = long.MaxValue;

    /// <summary>Number of the message that would leave next and may not yet; 0 when it may, or nothing is there.</summary>
    public long ShutAt => HandOutUpTo < LastNumber && _ready.FirstNumber is var first && first > HandOutUpTo ? first : 0;

    /// <summary>Messages above this number were never handed out; null when that is not known.</summary>
    public long? HandedUpTo => _ready.FirstNewNumber switch
    {
        null => null,
        0 => _stored > 0 ? null : LastNumber,
        var first => first - 1,
    };

    /// <summary>Messages that consumers would take at once, as far as their prefetch goes.</summary>
    /// <param name="most">Counts no further.</param>
    public int RoomUpTo(int most)
    {
        if (_rotation.Active is { } active)
        {
            return Math.Min(active.Room, most);
        }

        var room = 0L;
        for (var i = 0; i < _rotation.All.Count && room < most; i++)
        {
            room += _rotation.All[i].Room;
        }

        return (int)Math.Min(room, most);
    }

    /// <summary>Those of a run that may be handed out.</summary>
    private ReadOnlySpan<Message> Open(ReadOnlySpan<Message> run)
    {
        if (HandOutUpTo >= LastNumber)
        {
            return run;
        }

        run = run[..Math.Min(run.Length, QueueConsumer.LongestRun)]; // more is not taken in one go
        for (var i = 0; i < run.Length; i++)
        {
            if (run[i].Sequence > HandOutUpTo)
            {
                return run[..i];
            }
        }

        return run;
    }
}
