namespace ActorBroker.Conformance.Tests.Running;

/// <summary>A test class that says what it is waiting for.</summary>
public interface IHasPhase
{
    Phase Phase { get; }
}

/// <summary>What a test is doing right now, for the message of the test that hangs.</summary>
public sealed class Phase : IPatience, IDisposable
{
    /// <summary>No test may take longer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _deadline = new();

    /// <summary>Reads as the end of "it was waiting for …".</summary>
    public string Current { get; set; } = "nothing yet";

    /// <summary>Fires when the time is up, so that no wait outlives its test.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>The test, or the reason why it did not end in time.</summary>
    /// <exception cref="TimeoutException">The limit has passed; names the phase.</exception>
    public async Task Watch(Task test)
    {
        _deadline.CancelAfter(Limit);
        try
        {
            await test.WaitAsync(_deadline.Token);
        }
        catch (OperationCanceledException) when (_deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"Not done after {Limit.TotalSeconds} s: it was waiting for {Current}.");
        }
    }

    /// <summary>Awaits one step under its name.</summary>
    public async Task<T> Of<T>(string what, Task<T> step)
    {
        Current = what;
        return await step.WaitAsync(Deadline);
    }

    /// <summary>Polls until the condition holds; the way to wait for what sends no signal.</summary>
    public async Task Until(string what, Func<Task<bool>> condition)
    {
        Current = what;
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Deadline);
        }
    }

    public void Dispose() => _deadline.Dispose();
}
