namespace ActorBroker.Client;

/// <summary>Waits for the confirm of one publish. Any thread; quick, and must not throw.</summary>
internal abstract class PublishWaiter
{
    /// <summary>The broker has answered.</summary>
    public abstract void Complete(PublishResult result);

    /// <summary>No answer will come.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>As a task.</summary>
internal sealed class PublishTask(string exchange, string routingKey) : PublishWaiter
{
    private readonly TaskCompletionSource<PublishResult> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<PublishResult> Task => _source.Task;

    public override void Complete(PublishResult result)
    {
        if (result == PublishResult.Refused)
        {
            _source.TrySetException(new PublishRefusedException(exchange, routingKey));
        }
        else
        {
            _source.TrySetResult(result);
        }
    }

    public override void Fail(Exception reason) => _source.TrySetException(reason);
}
