namespace ActorBroker.Stores;

/// <summary>Room on a volume, in bytes.</summary>
/// <param name="Free">What this process may still write.</param>
/// <param name="Total">Its size.</param>
internal readonly record struct DiskRoom(long Free, long Total);

/// <summary>How much room there is, so that tests can have a disk of their own.</summary>
internal interface IDiskSpace
{
    /// <summary>The room now.</summary>
    /// <exception cref="IOException">The volume does not say.</exception>
    DiskRoom Measure();
}

/// <summary>The volume of a directory.</summary>
internal sealed class VolumeOf(string directory) : IDiskSpace
{
    private readonly DriveInfo _drive = new(Path.GetFullPath(directory));

    public DiskRoom Measure() => new(_drive.AvailableFreeSpace, _drive.TotalSize);
}
