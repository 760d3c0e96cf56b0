using ActorBroker.Core.Queues;
using CsCheck;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>
/// Random histories of a queue against a model in lists. After each step: nothing is lost, nothing is at two consumers at once or
/// delivered out of order, prefetch, priorities and shared limits hold, counts and bytes are right. At the end every reference on
/// the slab has been returned exactly once.
/// </summary>
public sealed class QueueLawsSpec
{
    private static readonly Gen<List<Step>> History =
        Gen.Select(Gen.Int[0, 20], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 1000], (kind, a, b, c) => new Step(kind, a, b, c))
            .List[0, 120];

    private static readonly QueueLimits[] AllLimits =
    [
        new(),
        new(MaxLength: 3),
        new(MaxLength: 4, CountUnacked: true),
        new(MaxLength: 5, Overflow: QueueOverflow.RejectPublish),
        new(MaxBytes: 40, Overflow: QueueOverflow.RejectPublishDeadLetter, CountUnacked: true),
        new(MaxBytes: 30, MessageTtl: 60),
        new(MessageTtl: 25),
        new(MaxPriority: 5),
        new(MaxPriority: 3, MaxLength: 6, MessageTtl: 90),
        new(SingleActiveConsumer: true),
        new(SingleActiveConsumer: true, MaxLength: 5, MaxPriority: 2),
        new(DeliveryLimit: 1, MessageTtl: 100),
    ];

    public static TheoryData<int, int> Kinds
    {
        get
        {
            var kinds = new TheoryData<int, int>();
            for (var i = 0; i < AllLimits.Length; i++)
            {
                kinds.Add(i, 1);
                kinds.Add(i, 4);
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Law_a_queue_does_what_lists_do(int limits, int mostConsumers) =>
        History.Sample(steps => new QueueHistory(AllLimits[limits], mostConsumers).Play(steps), iter: 300);
}
