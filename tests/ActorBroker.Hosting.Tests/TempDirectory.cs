namespace ActorBroker.Hosting.Tests;

/// <summary>A directory that goes with the test.</summary>
public sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("actorbroker-hosting-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
