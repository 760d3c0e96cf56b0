using ActorBroker.Amqp;

namespace ActorBroker.Addresses;

/// <summary>
/// Where an actor puts the answer to a request from outside the actor system: a read loop awaits it. Carried inside the request.
/// </summary>
/// <remarks>The awaiting side goes on on another thread: never inside the answering actor.</remarks>
internal sealed class Reply<T>
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, or the <see cref="AmqpException"/> that says what to close.</summary>
    public Task<T> Task => _source.Task;

    /// <summary>Answers.</summary>
    public void Succeed(T value) => _source.TrySetResult(value);

    /// <summary>Refuses, or reports a fault.</summary>
    public void Fail(Exception reason) => _source.TrySetException(reason);
}

/// <summary>A message that somebody waits for: when it cannot be handled it must be refused, so that nothing hangs.</summary>
internal interface IAwaited
{
    /// <summary>Refuses the request.</summary>
    void Refuse(Exception reason);
}
