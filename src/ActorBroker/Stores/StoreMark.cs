using System.Globalization;
using System.Text;
using ActorBroker.Core.Journal;

namespace ActorBroker.Stores;

/// <summary>
/// How far each log of a store has gone, as the file <c>actorbroker.mark</c> in the data directory says: a start finds out by it that a
/// write-ahead log, or the whole database, has been lost. It never says more than what is synced, so a crash of any kind is no loss to it.
/// </summary>
/// <param name="Place">Which store it is about, without the directory: that may be moved.</param>
/// <param name="Logs">The last event of each log.</param>
internal sealed record StoreMark(string Place, IReadOnlyDictionary<string, long> Logs)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "actorbroker.mark";

    private const string Head = "actorbroker mark 1";

    /// <summary>What such a file says.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static StoreMark Parse(string text)
    {
        var end = text.TrimEnd('\n').LastIndexOf('\n') + 1;
        if (!text.StartsWith($"{Head}\n", StringComparison.Ordinal) || text[end..].TrimEnd('\n') != Sum(text[..end]))
        {
            throw new InvalidDataException("it is damaged, or of another version");
        }

        var lines = text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new StoreMark(lines[1], lines[2..].Select(l => l.Split(' ')).ToDictionary(p => p[1], p => long.Parse(p[0], CultureInfo.InvariantCulture)));
    }

    /// <summary>The file's content, which ends with its checksum.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Head}\n{Place}\n");
        foreach (var (log, last) in Logs.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{last} {log}\n");
        }

        return $"{text}{Sum(text.ToString())}\n";
    }

    /// <summary>Logs that do not go as far in the store as the mark says, in words; null when none is behind.</summary>
    public string? MissingIn(IReadOnlyDictionary<string, long> store)
    {
        var behind = Logs.Where(l => store.GetValueOrDefault(l.Key) < l.Value).OrderBy(l => l.Key, StringComparer.Ordinal).ToList();
        return behind.Count == 0
            ? null
            : string.Join(", ", behind.Select(l => string.Create(
                CultureInfo.InvariantCulture, $"{l.Value - store.GetValueOrDefault(l.Key)} events of {l.Key} (it ends at {store.GetValueOrDefault(l.Key)} and went to {l.Value})")));
    }

    private static string Sum(string text) => Crc32C.Of(Encoding.UTF8.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);
}
