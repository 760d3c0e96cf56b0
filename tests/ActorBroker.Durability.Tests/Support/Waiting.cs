namespace ActorBroker.Durability.Tests.Support;

/// <summary>Waits that end, and that say what they waited for when they end too late.</summary>
internal static class Waiting
{
    /// <summary>For one answer of the server, on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The same for what tests share.</summary>
    public static readonly IPatience Patience = For(Limit);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static async Task<T> For<T>(string what, Task<T> step, TimeSpan? limit = null)
    {
        try
        {
            return await step.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not there after {(limit ?? Limit).TotalSeconds} s: {what}.");
        }
    }

    /// <inheritdoc cref="For{T}" />
    public static async Task For(string what, Task step, TimeSpan? limit = null) =>
        await For(what, Finish(step), limit);

    /// <summary>Polls until the condition holds; the way to wait for what sends no signal.</summary>
    /// <exception cref="TimeoutException">Names what was waited for.</exception>
    public static async Task Until(string what, Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        using var end = new CancellationTokenSource(limit ?? Limit);
        while (!await condition())
        {
            if (end.IsCancellationRequested)
            {
                throw new TimeoutException($"Not so after {(limit ?? Limit).TotalSeconds} s: {what}.");
            }

            await Task.Delay(Step);
        }
    }

    /// <summary>Waits with another limit.</summary>
    public static IPatience For(TimeSpan limit) => new Limited(limit);

    private static async Task<bool> Finish(Task step)
    {
        await step;
        return true;
    }

    private sealed class Limited(TimeSpan limit) : IPatience
    {
        public CancellationToken Deadline => CancellationToken.None;

        public Task<T> Of<T>(string what, Task<T> step) => For(what, step, limit);
    }
}
