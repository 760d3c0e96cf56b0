namespace ActorBroker.Core.Diagnostics;

/// <summary>
/// Keeps a flood of like log lines from filling the log: within a window each source may write a few, all together some more, and the
/// rest is counted. Whoever uses it ends the window. Not safe for threads.
/// </summary>
/// <param name="linesOfOne">Lines of one source and kind in a window.</param>
/// <param name="linesOfAll">Lines of all of them together.</param>
internal sealed class LineQuota(int linesOfOne, int linesOfAll)
{
    /// <summary>Sources and kinds that are told apart in a window; what further ones leave out is counted together.</summary>
    public const int Capacity = 1000;

    private readonly Dictionary<(string Kind, string Source), int> _seen = [];
    private int _written;
    private int _others;

    /// <summary>True when nothing was asked for since the window began.</summary>
    public bool IsEmpty => _seen.Count == 0 && _others == 0;

    /// <summary>Asks for one line.</summary>
    /// <param name="kind">What it is about, for the sum.</param>
    /// <param name="source">Whom it is about.</param>
    /// <returns>False: it is left out and counted.</returns>
    public bool TryTake(string kind, string source)
    {
        var seen = _seen.GetValueOrDefault((kind, source));
        if (seen == 0 && _seen.Count == Capacity)
        {
            _others++;
            return false;
        }

        if (seen >= linesOfOne || _written >= linesOfAll)
        {
            _seen[(kind, source)] = Math.Max(seen, linesOfOne) + 1;
            return false;
        }

        _seen[(kind, source)] = seen + 1;
        _written++;
        return true;
    }

    /// <summary>Ends the window.</summary>
    /// <param name="most">Sources that are named, those that left out most; what others left out is one more entry without a name.</param>
    /// <returns>How many lines each of them left out.</returns>
    public IReadOnlyList<(string Kind, string Source, int LeftOut)> EndWindow(int most)
    {
        var left = _seen.Where(s => s.Value > linesOfOne).Select(s => (s.Key.Kind, s.Key.Source, LeftOut: s.Value - linesOfOne))
            .OrderByDescending(s => s.LeftOut).ToList();
        var others = _others + left.Skip(most).Sum(s => s.LeftOut);
        _seen.Clear();
        _written = _others = 0;
        return others == 0 ? [.. left.Take(most)] : [.. left.Take(most), ("", "", others)];
    }
}
