namespace ActorBroker.Core.Journal;

/// <summary>
/// Neighbours of a snapshot that are alike but for one number: their count, and that number once or for each. Stored as count less one,
/// doubled, plus 1 when the numbers differ; later the number, or each one's signed difference to the one before.
/// </summary>
internal sealed class AlikeGroup
{
    private const int MostVaried = 1024;
    private const int FewUniform = 8;

    private readonly int[] _values = new int[MostVaried];
    private bool _varied;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Does the group gain by one more with this number?</summary>
    public bool Takes(int value) => _varied ? Count < MostVaried : value == _values[0] || Count < FewUniform;

    /// <summary>Adds a number.</summary>
    public void Add(int value)
    {
        _varied |= Count > 0 && value != _values[0];
        if (Count < MostVaried)
        {
            _values[Count] = value;
        }

        Count++;
    }

    /// <summary>Writes what goes before the things that are alike.</summary>
    public void WriteCount(ByteBuilder bytes) => bytes.Varint(((long)(Count - 1) << 1) | (_varied ? 1L : 0));

    /// <summary>Writes the numbers, and starts again.</summary>
    public void WriteValues(ByteBuilder bytes)
    {
        var before = 0;
        for (var i = 0; i < (_varied ? Count : 1); i++)
        {
            bytes.Signed(_values[i] - before);
            before = _values[i];
        }

        (Count, _varied) = (0, false);
    }
}
