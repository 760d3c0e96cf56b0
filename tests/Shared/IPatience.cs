namespace ActorBroker.Tests.Shared;

/// <summary>How a test waits: each wait has an end and a name.</summary>
public interface IPatience
{
    /// <summary>Fires when the time of the whole test is up.</summary>
    CancellationToken Deadline { get; }

    /// <summary>Awaits one step under its name.</summary>
    /// <exception cref="TimeoutException">It came too late; names it.</exception>
    Task<T> Of<T>(string what, Task<T> step);
}
