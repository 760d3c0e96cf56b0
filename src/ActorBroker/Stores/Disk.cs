using System.Runtime.InteropServices;

namespace ActorBroker.Stores;

/// <summary>Files and directories that are there after a power cut.</summary>
internal static class Disk
{
    /// <summary>Creates a directory that only its owner may enter; nothing when it is there.</summary>
    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Creates an empty file that only its owner may read.</summary>
    public static void CreateFile(string path) => OpenOwn(path, FileMode.CreateNew).Dispose();

    /// <summary>Opens a file for writing that only its owner may read, also when it was there before and others could.</summary>
    public static FileStream OpenOwn(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // less what the umask takes away
        }

        var file = new FileStream(path, options);
        OnlyForOwner(path);
        return file;
    }

    /// <summary>From now on only its owner may read a file; nothing when it is not there, or belongs to somebody else.</summary>
    public static void OnlyForOwner(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        catch (UnauthorizedAccessException)
        {
            // its owner has let us use it: that is the owner's affair
        }
    }

    /// <summary>Takes room on the disk for a file that is empty so far.</summary>
    /// <exception cref="IOException">There is not so much.</exception>
    public static void Allocate(FileStream file, long bytes)
    {
        // written and not only reserved: not every file system can, and a file with holes takes no room
        var zeros = new byte[64 * 1024];
        for (var left = bytes; left > 0; left -= zeros.Length)
        {
            file.Write(zeros.AsSpan(0, (int)Math.Min(left, zeros.Length)));
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>Did it fail since there is no room on the disk?</summary>
    public static bool IsFull(IOException failure)
    {
        const int NoSpace = 28; // ENOSPC
        const int DiskFull = unchecked((int)0x80070070);
        return failure.HResult is NoSpace or DiskFull;
    }

    /// <summary>Puts a whole file in the place of another, or where none is.</summary>
    /// <exception cref="IOException">There is one, and it is not to be replaced.</exception>
    public static void Move(string from, string to, bool overwrite)
    {
        using (var file = new FileStream(from, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        File.Move(from, to, overwrite);
        SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Names that came or went in it are on the disk.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // its file systems journal names
        }

        var handle = OpenForReading(path, 0);
        if (handle >= 0)
        {
            _ = Sync(handle); // some file systems know no sync of directories
            _ = Close(handle);
        }
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int OpenForReading([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Sync(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}
