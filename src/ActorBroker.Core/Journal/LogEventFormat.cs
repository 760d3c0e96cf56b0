using System.Globalization;

namespace ActorBroker.Core.Journal;

/// <summary>The formats of an event, and whether what the store gives back is one of them, as it was written.</summary>
/// <remarks>
/// Format 1 has no checksum: of its damage only is seen what makes no sense. The bytes say which format they have; the manifest says it
/// once more, so that a damaged first byte does not make one format into the other.
/// </remarks>
internal static class LogEventFormat
{
    /// <summary>Format 2, which is written.</summary>
    public const string Manifest = Prefix + "2";

    /// <summary>Format 1, which is read for ever.</summary>
    public const string Manifest1 = Prefix + "1";

    private const string Prefix = "ab.group.";

    /// <summary>What is wrong with an event from the store; null when it is what was written at that place.</summary>
    /// <exception cref="InvalidDataException">A newer version of the broker wrote it.</exception>
    public static string? ProblemOf(string? manifest, byte[] @event, long place = 0)
    {
        switch (@event)
        {
            case []:
                return "it is empty";
            case [RecordTag.Version, ..]:
                return Crc32C.IsRight(@event, place) ? null : "its checksum is wrong";
            case [RecordTag.VersionWithoutChecksum, ..] when manifest == Manifest1:
                return ProblemOfFormat1(@event);
            case [> RecordTag.Version, ..] when IsNewer(manifest):
                throw new InvalidDataException($"it holds '{manifest}', this version reads '{Manifest1}' and '{Manifest}': it was written by a newer version.");
            default:
                return $"its first byte says format {@event[0]}, its manifest '{manifest}'";
        }
    }

    private static bool IsNewer(string? manifest) =>
        manifest is not null && manifest.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(manifest.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var format)
        && format > RecordTag.Version;

    private static string? ProblemOfFormat1(byte[] @event)
    {
        try
        {
            new LogIndex().Apply(1, @event); // the index that is to be used must not take half of a damaged one
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }
}
