namespace ActorBroker.Durability.Tests.Crash;

/// <summary>Highest numbers so far, for the order of one queue's messages.</summary>
internal sealed class OrderWatch
{
    private readonly Dictionary<(int Consumer, int Life, int Publisher), int> _seen = [];
    private readonly Dictionary<int, (int Life, int InLife, int Earlier)> _new = [];

    /// <summary>Null when the number is higher than the last one of this stream; otherwise the last one.</summary>
    public int? Pass((int Consumer, int Life, int Publisher) stream, int number)
    {
        if (_seen.TryGetValue(stream, out var last) && last > number)
        {
            return last;
        }

        _seen[stream] = number;
        return null;
    }

    /// <summary>
    /// Null when no higher number of the publisher came as new in an earlier life; otherwise that number. Within a
    /// life several consumers see a stream each: nothing is said of the order between them.
    /// </summary>
    public int? PassAsNew(MessageId id, int life)
    {
        var known = _new.GetValueOrDefault(id.Publisher, (Life: life, InLife: -1, Earlier: -1));
        if (known.Life < life)
        {
            known = (life, -1, Math.Max(known.InLife, known.Earlier));
        }

        _new[id.Publisher] = known with { InLife = Math.Max(known.InLife, id.Number) };
        return known.Earlier > id.Number ? known.Earlier : null;
    }
}
