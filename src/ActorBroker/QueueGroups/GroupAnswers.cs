using ActorBroker.Addresses;
using ActorBroker.Core.Batching;

namespace ActorBroker.QueueGroups;

/// <summary>Tells publishers what a <see cref="LogBatcher"/> has answered.</summary>
internal static class GroupAnswers
{
    /// <summary>Tells them all, in the order in which it was decided, and clears the list.</summary>
    public static void Tell(this LogAnswers answers)
    {
        if (answers.IsEmpty)
        {
            return;
        }

        foreach (var batch in answers.Taken)
        {
            ((EnqueueBatch)batch).Answer();
        }

        foreach (var batch in answers.Refused)
        {
            ((EnqueueBatch)batch).RefuseUnwritten();
        }

        foreach (var confirm in answers.Written)
        {
            confirm.Done();
        }

        foreach (var confirm in answers.Failed)
        {
            confirm.Fail();
            confirm.Done();
        }

        answers.Clear();
    }
}
