namespace ActorBroker.Durability.Tests.Running;

/// <summary>How the life of a server ends.</summary>
public enum Ending
{
    /// <summary>SIGTERM: it drains and writes what it still has to write.</summary>
    Stop,

    /// <summary>SIGKILL: no handler runs.</summary>
    Kill,
}

/// <summary>A broker with a data directory and a port that outlive its processes.</summary>
public interface IServer : IAsyncDisposable
{
    /// <summary>TCP port at 127.0.0.1, the same in all its lives.</summary>
    int Port { get; }

    /// <summary>False between two lives, and when it ended by itself.</summary>
    bool IsRunning { get; }

    /// <summary>Resident memory of the running process, in bytes.</summary>
    long ResidentBytes { get; }

    /// <summary>All that it has written to the console in all its lives, for the message of a failing test.</summary>
    string Output { get; }

    /// <summary>Starts a process. It runs when this returns; the task ends when it accepts connections.</summary>
    Task Start();

    /// <summary>Ends the process and waits until it is gone.</summary>
    Task End(Ending how);
}
