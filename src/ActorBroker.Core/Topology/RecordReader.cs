using System.Text;

namespace ActorBroker.Core.Topology;

/// <summary>Reads what <see cref="RecordWriter"/> wrote.</summary>
/// <remarks>Every method throws <see cref="TopologyFormatException"/> when the record ends too early or is no such thing.</remarks>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _left = record;

    public readonly bool AtEnd => _left.IsEmpty;

    public byte Byte()
    {
        if (_left.IsEmpty)
        {
            throw CutOff();
        }

        var value = _left[0];
        _left = _left[1..];
        return value;
    }

    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new TopologyFormatException($"a record of the topology is damaged: {other} where 0 or 1 must be"),
    };

    public long Number()
    {
        long value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var group = Byte();
            value |= (long)(group & 0x7F) << shift;
            if (group < 0x80)
            {
                return value;
            }
        }

        throw new TopologyFormatException("a record of the topology is damaged: a number has no end");
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var length = Number();
        if (length > _left.Length)
        {
            throw CutOff();
        }

        var value = _left[..(int)length];
        _left = _left[(int)length..];
        return value;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    private static TopologyFormatException CutOff() => new("a record of the topology is damaged: it ends too early");
}
