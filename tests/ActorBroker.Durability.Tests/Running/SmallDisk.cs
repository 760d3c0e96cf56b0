using System.Diagnostics;

namespace ActorBroker.Durability.Tests.Running;

/// <summary>A disk in memory that is small enough to be filled. Mounting one needs root and the right to.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actorbroker-disk-").FullName;

    private SmallDisk()
    {
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? SkipReason { get; } = Probe();

    private string Ballast => Path.Combine(_directory, "ballast");

    /// <summary>A directory on it.</summary>
    public string Data => Path.Combine(_directory, "data");

    /// <summary>Bytes that are free.</summary>
    public long Free => new DriveInfo(_directory).AvailableFreeSpace;

    /// <summary>Mounts one.</summary>
    /// <exception cref="InvalidOperationException">It cannot be mounted.</exception>
    public static SmallDisk Of(int megabytes)
    {
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", disk._directory) is { } error)
        {
            Directory.Delete(disk._directory);
            throw new InvalidOperationException(error);
        }

        return disk;
    }

    /// <summary>Fills it with a file, but for so many bytes.</summary>
    public void Fill(long but)
    {
        using var file = new FileStream(Ballast, new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, BufferSize = 0 });
        var zeros = new byte[4096];
        try
        {
            while (Free > but)
            {
                file.Write(zeros);
            }
        }
        catch (IOException) when (but < zeros.Length)
        {
            // somebody else took the last page
        }
    }

    /// <summary>Takes the file away again.</summary>
    public void Clear() => File.Delete(Ballast);

    /// <summary>Makes it larger or smaller, so that so much is free.</summary>
    /// <exception cref="InvalidOperationException">It cannot be.</exception>
    public void Resize(long free)
    {
        var used = new DriveInfo(_directory).TotalSize - Free;
        if (Run("mount", "-o", $"remount,size={(used + free) / 1024}k", _directory) is { } error)
        {
            throw new InvalidOperationException(error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Run("umount", "-l", _directory) is null)
        {
            Directory.Delete(_directory);
        }
    }

    private static string? Probe()
    {
        try
        {
            Of(1).Dispose();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"a small disk cannot be mounted here: {e.Message.Trim()}";
        }
    }

    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors;
    }
}

/// <summary>A fact that needs a small disk.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = DurableBroker.IsReference ? "about this broker only" : SmallDisk.SkipReason;
}
