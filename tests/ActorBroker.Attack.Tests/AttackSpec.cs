using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace ActorBroker.Attack.Tests;

/// <summary>
/// An attack, and an honest client meanwhile: its median round trip stays below 50 ms, the server lives, others get in, and its memory is
/// sane afterwards. <c>ACTORBROKER_ATTACK_SECONDS</c> sets how long each takes.
/// </summary>
[Collection(VictimCollection.Name)]
public abstract class AttackSpec(Victim victim, ITestOutputHelper output)
{
    private const double MedianLimit = 50;
    private const double WorstLimit = 3000; // a median hides a server that stood still
    internal const string Variable = "ACTORBROKER_ATTACK_SECONDS";
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    /// <summary>How long an attack takes.</summary>
    protected static TimeSpan Length { get; } = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable(Variable) ?? "2", CultureInfo.InvariantCulture));

    /// <summary>True when there is time for the large form.</summary>
    protected static bool IsLong => Length >= TimeSpan.FromSeconds(20);

    /// <summary>The server.</summary>
    protected Victim Victim => victim;

    /// <summary>Attacks, and judges how the server has stood it.</summary>
    /// <param name="attack">Ends when it is told to, or by itself.</param>
    /// <param name="limit">When it is told to; null after the usual time.</param>
    /// <param name="on">Who is attacked; null for the one of all attacks.</param>
    /// <param name="mayBlock">True when it raises the memory alarm, so that publishers wait until it is over, the honest one with them.</param>
    /// <param name="mayCut">True when memory may run out, so that anybody may be cut off meanwhile, the honest one, too.</param>
    /// <returns>Most resident memory during the attack.</returns>
    private protected async Task<long> Survives(
        Func<Attacker, Task> attack, TimeSpan? limit = null, Victim? on = null, bool mayBlock = false, bool mayCut = false)
    {
        var attacked = on ?? victim;
        try
        {
            return await Stands(attacked, attack, limit, mayBlock, mayCut);
        }
        finally
        {
            output.WriteLine(string.Join('\n', attacked.Output.Split('\n').Where(l => l.Contains("refused", StringComparison.Ordinal)).TakeLast(100)));
            output.WriteLine(string.Join('\n', attacked.Output.Split('\n').TakeLast(25)));
        }
    }

    private async Task<long> Stands(Victim attacked, Func<Attacker, Task> attack, TimeSpan? limit, bool mayBlock, bool mayCut)
    {
        Assert.True(attacked.IsAlive, $"it has fallen before:\n{attacked.Output}");
        using var honest = new HonestClient(attacked.Endpoint, "127.0.0.2");
        honest.Once();
        honest.Start();
        var peak = 0L;
        using (var end = new CancellationTokenSource(limit ?? Length))
        {
            var attacking = Task.Run(() => attack(new Attacker(attacked.Endpoint, end.Token)));
            var watch = Stopwatch.StartNew();
            while (!attacking.IsCompleted)
            {
                peak = Math.Max(peak, attacked.IsAlive ? attacked.ResidentBytes : 0);
                await Task.WhenAny(attacking, Task.Delay(50));
                Assert.True(watch.Elapsed < (limit ?? Length) + Recovery, "the attack does not end");
            }

            await attacking;
        }

        Assert.True(attacked.IsAlive, $"it has fallen:\n{attacked.Output}");
        try
        {
            honest.Stop();
        }
        catch (InvalidOperationException) when (mayCut)
        {
            await Recovers(attacked);
            return peak;
        }

        var rounds = honest.Rounds.Order().ToArray();
        output.WriteLine(
            $"{rounds.Length} honest rounds: median {rounds[rounds.Length / 2]:0.00} ms, 99 % {rounds[rounds.Length * 99 / 100]:0.0} ms, "
            + $"worst {rounds[^1]:0} ms; peak {peak >> 20} MiB");
        await Recovers(attacked);
        Assert.True(rounds[rounds.Length / 2] < MedianLimit, $"median {rounds[rounds.Length / 2]:0.0} ms of {rounds.Length} rounds");
        Assert.True(rounds[^1] < WorstLimit + (mayBlock ? (limit ?? Length).TotalMilliseconds : 0), $"one round took {rounds[^1]:0} ms: it was frozen");
        return peak;
    }

    /// <summary>A newcomer is served, and memory is sane, within half a minute.</summary>
    private async Task Recovers(Victim attacked)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var newcomer = new HonestClient(attacked.Endpoint);
                newcomer.Once();
                if (attacked.ResidentBytes < Victim.SaneBytes)
                {
                    break;
                }
            }
            catch (Exception e) when (watch.Elapsed < Recovery && e is System.Net.Sockets.SocketException or IOException)
            {
                // not yet
            }

            Assert.True(watch.Elapsed < Recovery, $"after {Recovery} it is not well yet: {attacked.ResidentBytes >> 20} MiB\n{attacked.Output}");
            await Task.Delay(100);
        }

        output.WriteLine($"well after {watch.Elapsed.TotalSeconds:0.0} s: {attacked.ResidentBytes >> 20} MiB");
    }
}
