namespace ActorBroker.Streams.Consuming;

/// <summary>What a source is ended by, also before its stage runs.</summary>
internal sealed class ConsumeControl : IBrokerControl, IDrains
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<IConsumer> _started = New<IConsumer>();
    private readonly TaskCompletionSource<bool> _completion = New<bool>();
    private readonly TaskCompletionSource<bool> _stopped = New<bool>();
    private readonly TaskCompletionSource<bool> _over = New<bool>();
    private Action? _changed;
    private bool _stop;
    private bool _shutdown;

    /// <inheritdoc/>
    public Task<IConsumer> Started => _started.Task;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Somebody wants no more deliveries.</summary>
    public bool IsStopping => Volatile.Read(ref _stop);

    /// <summary>Somebody wants the end at once.</summary>
    public bool IsShuttingDown => Volatile.Read(ref _shutdown);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation = default)
    {
        Change(ref _stop);
        return _stopped.Task.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public Task ShutdownAsync(CancellationToken cancellation = default)
    {
        Change(ref _shutdown);
        return _over.Task.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public async Task<T> DrainAndShutdownAsync<T>(Task<T> streamCompletion, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(streamCompletion);
        try
        {
            await StopAsync(cancellation).ConfigureAwait(false);
            return await streamCompletion.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            await ShutdownAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task DrainAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _over.Task.ConfigureAwait(false);
    }

    /// <summary>The stage runs: it is told of every wish, and of those that came before.</summary>
    public void Bind(Action changed)
    {
        lock (_lock)
        {
            _changed = changed;
            if (!_stop && !_shutdown)
            {
                return;
            }
        }

        changed();
    }

    /// <summary>The queue has let it in.</summary>
    public void SetStarted(IConsumer consumer) => _started.TrySetResult(consumer);

    /// <summary>The stream has got its last element.</summary>
    public void SetStopped() => _stopped.TrySetResult(true);

    /// <summary>The stage has ended; with a reason when it has failed.</summary>
    public void SetOver(Exception? failure)
    {
        if (failure is null)
        {
            _started.TrySetCanceled();
            _completion.TrySetResult(true);
        }
        else
        {
            _started.TrySetException(failure);
            _completion.TrySetException(failure);
            _ = _started.Task.Exception; // nobody needs to look at them: the stream has failed with the same
            _ = _completion.Task.Exception;
        }

        _stopped.TrySetResult(true);
        _over.TrySetResult(true);
    }

    private static TaskCompletionSource<T> New<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change(ref bool wish)
    {
        Action? changed;
        lock (_lock)
        {
            Volatile.Write(ref wish, true);
            changed = _changed;
        }

        changed?.Invoke();
    }
}
