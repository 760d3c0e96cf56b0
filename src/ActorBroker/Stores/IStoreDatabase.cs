using LinqToDB;

namespace ActorBroker.Stores;

/// <summary>An opened database: tables are there, and nobody else uses it.</summary>
internal interface IStoreDatabase : IDisposable
{
    /// <summary>How the persistence plugins connect.</summary>
    DataOptions Options { get; }

    /// <summary>What and where it is, without secrets: <c>the SQLite database /var/…</c>.</summary>
    string Description { get; }

    /// <summary>Number of queue groups it was created with.</summary>
    int QueueGroups { get; }

    /// <summary>Appends to the journal faster than the library does; null where it has no such way.</summary>
    SqliteAppender? Appender => null;

    /// <summary>The disk of its files; null when it has none here.</summary>
    StoreDisk? Disk => null;

    /// <summary>Gives a little of the space that deletions have left back to the disk, when much of it is free.</summary>
    /// <returns>True when there is more to give back.</returns>
    Task<bool> ShrinkAsync() => Task.FromResult(false); // a database server looks after its own files
}
