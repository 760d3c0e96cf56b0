using ActorBroker.Client;

namespace ActorBroker.Streams.Publishing;

/// <summary>One publish on its way, and what became of it. Used again for a later one, when the stream has got its result.</summary>
internal sealed class PublishSlot<T>(IPublishSlots owner) : PublishWaiter
{
    private PublishResult _result;
    private bool _done;

    /// <summary>What was published.</summary>
    public T Element { get; private set; } = default!;

    /// <summary>The answer is there.</summary>
    public bool IsDone => Volatile.Read(ref _done);

    /// <summary>The answer.</summary>
    public PublishResult Answer => _result;

    /// <summary>Something is published.</summary>
    public void Start(T element)
    {
        Element = element;
        _done = false;
    }

    /// <summary>Nothing had to be published after all.</summary>
    public void Skip()
    {
        _result = PublishResult.Confirmed;
        _done = true;
    }

    /// <summary>Holds nothing any more.</summary>
    public void Clear() => Element = default!;

    /// <inheritdoc/>
    public override void Complete(PublishResult result)
    {
        _result = result;
        Volatile.Write(ref _done, true);
        Interlocked.MemoryBarrier(); // the owner clears its flag, then looks at this: one of the two sees the other
        owner.Answered();
    }

    /// <inheritdoc/>
    public override void Fail(Exception reason) => owner.Failed(reason);
}

/// <summary>Who waits for the answers. Any thread.</summary>
internal interface IPublishSlots
{
    /// <summary>One of them is there.</summary>
    void Answered();

    /// <summary>One of them will never come.</summary>
    void Failed(Exception reason);
}
