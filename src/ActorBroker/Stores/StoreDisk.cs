using Microsoft.Data.Sqlite;

namespace ActorBroker.Stores;

/// <summary>
/// The disk under a store of files: how much room it has, and the reserve, a file of zeros in the data directory. When a write finds the
/// disk full, the reserve is deleted: what consumers and operators do is written into its place, while what publishers sent waits. Any thread.
/// </summary>
/// <param name="space">The room.</param>
/// <param name="reserveFile">Where the reserve is.</param>
/// <param name="reserve">Its size in bytes; 0 for none.</param>
internal sealed class StoreDisk(IDiskSpace space, string reserveFile, long reserve)
{
    /// <summary>Name of the reserve in the data directory.</summary>
    public const string ReserveName = "actorbroker.reserve";

    private const int Full = 13; // of SQLite
    private const int IoError = 10;
    private const long Nothing = 1 << 20;

    private readonly Lock _lock = new();

    /// <summary>There is less room than the watermark: writes are small, and what is dead is cleared away at once.</summary>
    public volatile bool IsShort;

    /// <summary>A write has found no room: what publishers sent waits, the rest is written into the place of the reserve.</summary>
    public volatile bool IsFull;

    /// <summary>Hears when a write has found no room.</summary>
    public volatile Action? OnFull;

    /// <summary>Bytes of the reserve.</summary>
    public long Reserve => reserve;

    /// <summary>It is there.</summary>
    public bool HasReserve => reserve == 0 || File.Exists(reserveFile);

    /// <summary>The room now; null when the volume does not say.</summary>
    public DiskRoom? Measure()
    {
        try
        {
            return space.Measure();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Did a statement fail since there is no room?</summary>
    public bool IsFullDisk(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            if (cause is SqliteException { SqliteErrorCode: Full } || (cause is SqliteException { SqliteErrorCode: IoError } && Measure()?.Free < Nothing))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A write has failed: when that is for want of room, the reserve makes some.</summary>
    public void WriteFailed(Exception? cause)
    {
        if (IsFullDisk(cause))
        {
            IsShort = IsFull = true;
            Release();
            OnFull?.Invoke();
        }
    }

    /// <summary>Deletes the reserve.</summary>
    /// <returns>False when there was none.</returns>
    public bool Release()
    {
        lock (_lock)
        {
            if (!File.Exists(reserveFile))
            {
                return false;
            }

            File.Delete(reserveFile);
            return true;
        }
    }

    /// <summary>Makes the reserve, if the disk has room for it.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            try
            {
                if (HasReserve)
                {
                    return true;
                }

                using (var file = Disk.OpenOwn(reserveFile, FileMode.CreateNew))
                {
                    Disk.Allocate(file, reserve);
                }

                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Delete();
                return false;
            }
        }
    }

    private void Delete()
    {
        try
        {
            File.Delete(reserveFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it is not there, or cannot be: there is no reserve
        }
    }
}
