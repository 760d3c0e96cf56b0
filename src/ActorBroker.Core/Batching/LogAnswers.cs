using ActorBroker.Core.Channels;

namespace ActorBroker.Core.Batching;

/// <summary>Whom a step of a <see cref="LogBatcher"/> has answered. The batcher's owner tells them and clears it, after each step.</summary>
internal sealed class LogAnswers
{
    /// <summary>All messages of these are committed, or need not be: settled, moved or gone with their queue.</summary>
    public List<ILogBatch> Taken { get; } = [];

    /// <summary>Something of these will never be written.</summary>
    public List<ILogBatch> Refused { get; } = [];

    /// <summary>All that these waited for is committed.</summary>
    public List<ConfirmBatch> Written { get; } = [];

    /// <summary>What these waited for will never be written.</summary>
    public List<ConfirmBatch> Failed { get; } = [];

    /// <summary>Nobody is to be told anything.</summary>
    public bool IsEmpty => Taken.Count == 0 && Refused.Count == 0 && Written.Count == 0 && Failed.Count == 0;

    /// <summary>All have been told.</summary>
    public void Clear()
    {
        Taken.Clear();
        Refused.Clear();
        Written.Clear();
        Failed.Clear();
    }
}
