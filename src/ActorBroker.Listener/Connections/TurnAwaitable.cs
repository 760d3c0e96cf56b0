using System.Runtime.CompilerServices;

namespace ActorBroker.Listener.Connections;

/// <summary>An answer that a method of a channel waits for: what follows the <c>await</c> is a turn of the connection.</summary>
/// <remarks>By then the channel may be closed, see <see cref="Channels.AmqpChannel.IsClosing"/>; what was got must be given back.</remarks>
internal readonly struct TurnAwaitable<T>(AmqpConnection connection, Task<T> answer) : ICriticalNotifyCompletion
{
    /// <summary>True when the turn that asked can go on.</summary>
    public bool IsCompleted => answer.IsCompleted;

    /// <summary>For the compiler.</summary>
    public TurnAwaitable<T> GetAwaiter() => this;

    /// <summary>The answer, or the exception that refuses.</summary>
    public T GetResult() => answer.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation)
    {
        var turns = connection;
        answer.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => turns.RunTurnSoon(continuation));
    }
}
