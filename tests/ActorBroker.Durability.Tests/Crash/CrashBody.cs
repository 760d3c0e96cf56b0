using System.Buffers.Binary;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>Bodies that say which message they belong to, and whose every byte follows from that.</summary>
internal static class CrashBody
{
    private const int Head = 8;

    /// <summary>Most are small; some go beyond one event of the journal (80 kB).</summary>
    public static byte[] Write(MessageId id, Random random)
    {
        var size = random.Next(1000) switch
        {
            < 850 => random.Next(Head, 400),
            < 995 => random.Next(400, 8 * 1024),
            _ => random.Next(50 * 1024, 150 * 1024),
        };
        var body = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(body, id.Publisher);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), id.Number);
        for (var i = Head; i < size; i++)
        {
            body[i] = Filler(id, i);
        }

        return body;
    }

    /// <summary>The id, and whether all the rest is as it was written.</summary>
    public static (MessageId Id, bool Intact) Read(ReadOnlySpan<byte> body)
    {
        if (body.Length < Head)
        {
            return (new MessageId(-1, -1), false);
        }

        var id = new MessageId(
            BinaryPrimitives.ReadInt32LittleEndian(body), BinaryPrimitives.ReadInt32LittleEndian(body[4..]));
        for (var i = Head; i < body.Length; i++)
        {
            if (body[i] != Filler(id, i))
            {
                return (id, false);
            }
        }

        return (id, true);
    }

    private static byte Filler(MessageId id, int index) => (byte)((id.Number * 31) + (id.Publisher * 7) + (index * 13));
}
