namespace ActorBroker.Durability.Tests.Crash;

/// <summary>What consumers that left had not settled, until somebody gets it again; a new life of the server begins anew.</summary>
internal sealed class LeftBehind
{
    private readonly Dictionary<int, SortedSet<int>> _numbers = []; // by publisher
    private int _life;

    public void Add(int life, MessageId id) => Of(life, id.Publisher).Add(id.Number);

    /// <summary>Null when nothing older of its publisher is left behind; otherwise the oldest.</summary>
    public int? Pass(int life, MessageId id)
    {
        var numbers = Of(life, id.Publisher);
        numbers.Remove(id.Number);
        return numbers.Count > 0 && numbers.Min < id.Number ? numbers.Min : null;
    }

    private SortedSet<int> Of(int life, int publisher)
    {
        if (life != _life)
        {
            _numbers.Clear();
            _life = life;
        }

        return _numbers.TryGetValue(publisher, out var numbers) ? numbers : _numbers[publisher] = [];
    }
}
