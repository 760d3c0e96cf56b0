namespace ActorBroker.TestKit;

/// <summary>Where the broker of a test keeps what is durable.</summary>
public sealed class TestStore
{
    private TestStore()
    {
    }

    /// <summary>Nowhere: a restart loses everything.</summary>
    public static TestStore None { get; } = new();

    /// <summary>SQLite in the memory of the test's process: there after restarts and crashes, gone with the test.</summary>
    public static TestStore Memory { get; } = new() { IsMemory = true };

    /// <summary>What directory to use; null when this is not a file, empty for a temporary one.</summary>
    internal string? Directory { get; private init; }

    internal bool IsMemory { get; private init; }

    /// <summary>
    /// A SQLite file as the server has it, in a temporary directory that is deleted at the end of the test: writes are synced, so that a
    /// test costs the disk's time.
    /// </summary>
    public static TestStore SqliteFile() => new() { Directory = "" };

    /// <summary>The same in a directory of yours, which is made when it is missing, and stays: what another broker left there is read.</summary>
    /// <param name="directory">One broker at a time may use it; a second one does not start.</param>
    public static TestStore SqliteFile(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new TestStore { Directory = Path.GetFullPath(directory) };
    }
}
