namespace ActorBroker.Core.Security;

/// <summary>
/// Remembers refused logins, to make guessing slow: each makes the answer to the next one later, up to a limit, and is forgotten by half
/// every minute. It counts by user and address, and, with more patience, by address alone and by user alone. Only refusals wait: who
/// knows the password is let in at once. Whoever guesses faster than the delay allows is not even listened to. Not safe for threads.
/// </summary>
internal sealed class RefusedLogins
{
    /// <summary>Counts that are kept; beyond it the lower half is forgotten.</summary>
    public const int Capacity = 4096;

    /// <summary>Refusals of one user and address that are looked at; in the long run 100 a minute and a half.</summary>
    public const int LimitOfPair = 100;

    /// <summary>Refusals of one address, whatever the user, that are looked at: many clients may share one.</summary>
    public const int LimitOfSource = 2000;

    private const int FreeOfPair = 1; // a typing error
    private const int FreeOfSource = 20;
    private const int AnyUser = 0;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Source, int User), Score> _scores = [];

    /// <summary>How many counts are kept.</summary>
    public int Count => _scores.Count;

    /// <summary>False: there were so many refusals that the password is not looked at; the login is refused.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="user">Who it claims to be.</param>
    /// <param name="now">Time on a clock that never goes back.</param>
    public bool IsHeard(string source, string user, TimeSpan now) =>
        Of((source, Hash(user)), now) < LimitOfPair && Of((source, AnyUser), now) < LimitOfSource;

    /// <summary>Counts a refusal; how long its answer must wait. One that was not heard is not counted.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="user">Who it claimed to be.</param>
    /// <param name="now">Time on a clock that never goes back.</param>
    /// <param name="longest">Longest delay.</param>
    public TimeSpan Refused(string source, string user, TimeSpan now, TimeSpan longest)
    {
        if (!IsHeard(source, user, now))
        {
            return longest;
        }

        var pair = Add((source, Hash(user)), now) - FreeOfPair;
        var wide = Math.Max(Add((source, AnyUser), now), Add(("", Hash(user)), now)) - FreeOfSource;
        var steps = Math.Max(pair, wide);
        return steps < 0.5 ? TimeSpan.Zero : TimeSpan.FromTicks((long)Math.Min(longest.Ticks, Shortest.Ticks * Math.Pow(2, steps - 1)));
    }

    private static int Hash(string user) => user.GetHashCode(StringComparison.Ordinal) | 1; // names of any length take the same room

    private double Of((string, int) key, TimeSpan now) => _scores.TryGetValue(key, out var score) ? score.At(now) : 0;

    private double Add((string, int) key, TimeSpan now)
    {
        if (_scores.Count >= Capacity && !_scores.ContainsKey(key))
        {
            foreach (var (low, _) in _scores.OrderBy(s => s.Value.At(now)).Take(Capacity / 2).ToList())
            {
                _scores.Remove(low);
            }
        }

        var value = Of(key, now) + 1;
        _scores[key] = new Score(value, now);
        return value;
    }

    private readonly record struct Score(double Value, TimeSpan Since)
    {
        public double At(TimeSpan now) => Value * Math.Pow(0.5, (now - Since) / HalfLife);
    }
}
