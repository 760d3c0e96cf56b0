using CsCheck;

namespace ActorBroker.Core.Tests.Batching;

/// <summary>
/// Random lives of a log's batcher. In each: nothing is answered before its commit, nothing twice, nothing is forgotten; each queue's order
/// is kept; what is settled before its write begins is not written; what has a grace is not written before; a move is one commit.
/// </summary>
public sealed class LogBatcherLawsSpec
{
    private static readonly Gen<List<(int Kind, int A, int B)>> Lives = Gen.Select(Gen.Int[0, 25], Gen.Int[0, 29], Gen.Int[0, 255]).List[0, 70];

    [Fact]
    public void Law_all_is_answered_once_when_it_is_committed_and_the_log_holds_what_the_queues_have() =>
        Lives.Sample(steps => Live(steps).Drain(), iter: 10_000);

    [Fact]
    public void Law_a_crash_at_any_moment_loses_nothing_that_was_answered() => Lives.Sample(steps => Live(steps).Crash(), iter: 5_000);

    [Fact]
    public void Law_a_log_that_ends_refuses_all_that_waits() => Lives.Sample(steps => Live(steps).End(), iter: 5_000);

    private static BatcherHistory Live(List<(int Kind, int A, int B)> steps)
    {
        var history = new BatcherHistory();
        foreach (var (kind, a, b) in steps)
        {
            history.Do(kind, a, b);
        }

        return history;
    }
}
