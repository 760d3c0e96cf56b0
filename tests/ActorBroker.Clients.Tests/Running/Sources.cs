namespace ActorBroker.Clients.Tests.Running;

/// <summary>Where the programs in other languages lie, and where what is made of them goes.</summary>
internal static class Sources
{
    private static readonly Lazy<string> BuildFolder = new(NewBuildFolder);

    /// <summary>The copies beside the test assembly, one folder a client.</summary>
    public static string Folder => AppContext.BaseDirectory;

    /// <summary>Compiled programs; a new folder per run, removed when the run ends.</summary>
    public static string Build => BuildFolder.Value;

    /// <summary>Packages that no Debian package brings; kept between runs, outside the tree.</summary>
    public static string Cache { get; } = Path.Combine(Home(), ".cache", "actorbroker-tests");

    private static string NewBuildFolder()
    {
        var folder = Directory.CreateTempSubdirectory("actorbroker-clients-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static string Home() =>
        Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : Path.GetTempPath();
}
