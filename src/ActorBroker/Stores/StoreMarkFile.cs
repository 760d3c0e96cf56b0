using System.Data.Common;
using System.Text;

namespace ActorBroker.Stores;

/// <summary>The file of a <see cref="StoreMark"/>: looked at before a store is opened, and written while it is.</summary>
internal sealed class StoreMarkFile
{
    private readonly Lock _gate = new();
    private readonly StoreSettings _settings;
    private readonly string _place;
    private readonly string _path;
    private string _written = "";

    private StoreMarkFile(StoreSettings settings, string place)
    {
        _settings = settings;
        _place = place;
        _path = Path.Combine(settings.DataDirectory, StoreMark.FileName);
    }

    /// <summary>What a start goes on without, since that is accepted, or why nobody knows; null for nothing.</summary>
    public string? Warning { get; private set; }

    /// <summary>Compares what the mark says with what is there. Nothing is changed.</summary>
    /// <returns>The file; null when the store has no directory here.</returns>
    /// <exception cref="IOException">Something is missing, and that is not accepted.</exception>
    public static StoreMarkFile? Check(StoreSettings settings)
    {
        if (LogEnds.PlaceOf(settings) is not { } place)
        {
            return null;
        }

        var file = new StoreMarkFile(settings, place);
        if (file.Missing() is { } missing)
        {
            var what = $"{missing}, as {file._path} says. ";
            file.Warning = settings.AcceptDataLoss
                ? $"the store lacks {what}That is accepted ({StoreSettings.AcceptDataLossPath} = on): it goes on with what is there"
                : throw new IOException(
                    $"the store lacks {what}The database, or its write-ahead log (-wal), was lost, cut off or replaced by an older one; nothing was changed. "
                    + $"Put the files back; or restore a backup by the server's verb restore; or start once with {StoreSettings.AcceptDataLossPath} = on "
                    + "(--accept-data-loss of the server), which goes on with what is there");
        }

        return file;
    }

    /// <summary>Says how far the logs go now. Any thread; waits for the disk. When it fails the next one will do.</summary>
    public void Write()
    {
        lock (_gate)
        {
            try
            {
                var text = new StoreMark(_place, LogEnds.Of(_settings)).ToString();
                if (text == _written)
                {
                    return;
                }

                var partial = _path + ".partial";
                File.Delete(partial);
                using (var file = Disk.OpenOwn(partial, FileMode.CreateNew))
                {
                    file.Write(Encoding.UTF8.GetBytes(text));
                }

                Disk.Move(partial, _path, overwrite: true); // which syncs it before
                _written = text;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException or TimeoutException or InvalidCastException)
            {
                // a full disk, or a database that is away: others say so
            }
        }
    }

    private string? Missing()
    {
        try
        {
            if (!File.Exists(_path))
            {
                return null;
            }

            var mark = StoreMark.Parse(File.ReadAllText(_path));
            return mark.Place == _place ? mark.MissingIn(LogEnds.Of(_settings)) : null;
        }
        catch (InvalidDataException damage)
        {
            Warning = $"{_path} cannot be used, so nobody knows whether the store has lost something: {damage.Message}. It is written anew";
            return null;
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidCastException)
        {
            return null; // whoever opens it says more about it
        }
    }
}
