using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ActorBroker.Readme.Tests;

/// <summary>The packages as <c>dotnet pack</c> makes them, once for all specs, in a feed that a folder for other people's projects uses.</summary>
public sealed class Packed : IAsyncLifetime
{
    public static readonly string[] Packages =
        ["ActorBroker.Amqp", "ActorBroker.Core", "ActorBroker", "ActorBroker.Listener", "ActorBroker.Streams", "ActorBroker.TestKit"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Never one that a cache knows, and no preview: <c>dotnet add package</c> takes it.</summary>
    public string Version { get; } = $"0.{(DateTime.UtcNow - DateTime.UnixEpoch).Days}.{(int)DateTime.UtcNow.TimeOfDay.TotalSeconds / 2}";

    /// <summary>Whatever is made in it can use the packages.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("actorbroker-packages-").FullName;

    /// <summary>Where the packages are.</summary>
    public string Feed => Path.Combine(Folder, "feed");

    public static string Root => Path.GetFullPath(Path.Combine(Here(), "../.."));

    public async Task InitializeAsync()
    {
        foreach (var package in Packages)
        {
            await Run(Root, "dotnet", "pack", $"src/{package}", "-c", "Release", "-v", "quiet", "-o", Feed, "--artifacts-path", $"{Folder}/artifacts", $"-p:Version={Version}");
        }

        await File.WriteAllTextAsync(
            Path.Combine(Folder, "nuget.config"), $"""<configuration><packageSources><add key="packed" value="{Feed}" /></packageSources></configuration>""");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Packages)
        {
            var used = Path.Combine(cache, package.ToLowerInvariant(), Version);
            if (Directory.Exists(used))
            {
                Directory.Delete(used, recursive: true);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Runs a command to its good end.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> Run(string folder, string command, params string[] arguments)
    {
        using var process = Start(folder, command, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, $"{command} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}");
        return text;
    }

    /// <summary>Starts a command as from a shell: nothing of the test run that this is part of is inherited.</summary>
    public static Process Start(string folder, string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        return Process.Start(start)!;
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

/// <summary>One packing for all.</summary>
[CollectionDefinition(Name)]
public sealed class PackedCollection : ICollectionFixture<Packed>
{
    public const string Name = "packed";
}
