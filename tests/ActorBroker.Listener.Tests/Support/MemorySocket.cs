using System.IO.Pipelines;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>
/// A socket without a network: two pipes, each with as little room as a socket's buffers, so that a side that does not read is felt
/// by the other.
/// </summary>
public sealed class MemorySocket
{
    /// <summary>Bytes that one direction holds before its writer must wait.</summary>
    public const int Room = 64 * 1024;

    private readonly Pipe _toBroker = new(Options);
    private readonly Pipe _toClient = new(Options);
    private readonly CancellationTokenSource _closed = new();

    public MemorySocket()
    {
        BrokerSide = new Side(_toBroker.Reader, _toClient.Writer);
        ClientSide = new Side(_toClient.Reader, _toBroker.Writer);
    }

    public IDuplexPipe BrokerSide { get; }

    public IDuplexPipe ClientSide { get; }

    /// <summary>True when the broker has cut it.</summary>
    public bool WasAborted => _closed.IsCancellationRequested;

    /// <summary>Cancelled when the broker has cut it.</summary>
    public CancellationToken Closed => _closed.Token;

    private static PipeOptions Options { get; } =
        new(pauseWriterThreshold: Room, resumeWriterThreshold: Room / 2, useSynchronizationContext: false);

    /// <summary>The broker cuts it: whatever it waits for ends, and the client sees the end of the stream.</summary>
    public void Abort()
    {
        _toBroker.Reader.CancelPendingRead();
        _toClient.Writer.CancelPendingFlush();
        _closed.Cancel();
    }

    /// <summary>The broker is done with it, as Kestrel does when the handler returns.</summary>
    public void BrokerIsDone()
    {
        _toBroker.Reader.Complete();
        _toClient.Writer.Complete();
    }

    private sealed class Side(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
