using System.Globalization;
using System.Text;
using ActorBroker.Configuration;

namespace ActorBroker.Stores;

/// <summary>
/// At most one broker uses a data directory: the file <c>actorbroker.lock</c> is locked by the operating system as long as the
/// process lives, and says who holds it. It stays behind, unlocked.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the directory, and creates it when it is missing.</summary>
    /// <exception cref="IOException">It is used, or cannot be written to.</exception>
    public static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, "actorbroker.lock");
        try
        {
            Disk.CreateDirectory(directory);
            var file = Disk.OpenOwn(path, FileMode.OpenOrCreate);
            try
            {
                SayWho(file);
                return new DirectoryLock(file);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException io && !Disk.IsFull(io) && !File.Exists(path)))
        {
            throw new IOException($"{BrokerSettings.Path}.data-dir = {directory}: must be a directory that can be written to ({e.Message})", e);
        }
        catch (IOException e) when (Disk.IsFull(e))
        {
            throw Full(directory, e);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"{BrokerSettings.Path}.data-dir = {directory}: another broker uses this directory; {path} says which. Stop it, or use "
                + $"another directory ({e.Message})", e);
        }
    }

    /// <summary>What a start says that finds no room on the disk.</summary>
    public static IOException Full(string directory, Exception cause) => new(
        $"{BrokerSettings.Path}.data-dir = {directory}: the disk is full, and the broker cannot open its store. Free some space on it, or use a "
        + $"directory on another disk ({cause.Message})",
        cause);

    /// <summary>For people only: on a full disk the lock holds without it.</summary>
    private static void SayWho(FileStream file)
    {
        var text = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}\n"));
        try
        {
            file.SetLength(0);
            file.Write(text); // not buffered
        }
        catch (IOException e) when (Disk.IsFull(e))
        {
            // nothing is lost
        }
    }

    /// <summary>Gives the directory back.</summary>
    public void Dispose() => _file.Dispose();
}
