using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ActorBroker.Packages.Tests;

/// <summary>What <c>dotnet pack</c> makes, used by a solution that knows nothing else of this repository.</summary>
public sealed class PackagesSpec : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string[] Packages =
        ["ActorBroker.Amqp", "ActorBroker.Core", "ActorBroker", "ActorBroker.Listener", "ActorBroker.Streams", "ActorBroker.TestKit"];

    private readonly string _version = $"0.1.0-test{DateTime.UtcNow:yyyyMMddHHmmss}"; // never one that a cache knows
    private readonly string _folder = Directory.CreateTempSubdirectory("actorbroker-packages-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in Packages)
        {
            var used = Path.Combine(cache, package.ToLowerInvariant(), _version);
            if (Directory.Exists(used))
            {
                Directory.Delete(used, recursive: true);
            }
        }
    }

    [Fact]
    public async Task A_foreign_solution_embeds_the_broker_and_tests_with_it()
    {
        var feed = Path.Combine(_folder, "feed");
        foreach (var package in Packages)
        {
            await Dotnet(Root, $"pack src/{package} -c Release -v quiet -o {feed} --artifacts-path {_folder}/artifacts -p:Version={_version}");
            Inspect(Path.Combine(feed, $"{package}.{_version}.nupkg"), package);
            Assert.True(File.Exists(Path.Combine(feed, $"{package}.{_version}.snupkg")), $"{package} has no symbols");
        }

        await File.WriteAllTextAsync(
            Path.Combine(_folder, "nuget.config"), $"""<configuration><packageSources><add key="packed" value="{feed}" /></packageSources></configuration>""");
        Make("Shop", "Program.cs");
        Make("Shop.Tests", "OrderSpec.cs");
        Assert.Contains("one coffee on port True", await Dotnet(Path.Combine(_folder, "Shop"), "run -c Release -v quiet"));
        Assert.Contains("Passed!", await Dotnet(Path.Combine(_folder, "Shop.Tests"), "test -c Release"));
    }

    private static void Inspect(string file, string package)
    {
        using var zip = ZipFile.OpenRead(file);
        var names = zip.Entries.Select(e => e.FullName).ToList();
        Assert.Contains("README.md", names);
        Assert.Contains($"lib/net10.0/{package}.dll", names);
        Assert.Contains($"lib/net10.0/{package}.xml", names);
        using var nuspec = zip.Entries.Single(e => e.FullName == $"{package}.nuspec").Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string Of(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value ?? "";
        Assert.NotEmpty(Of("description"));
        Assert.NotEqual("Package Description", Of("description"));
        Assert.Equal("README.md", Of("readme"));
        var dependencies = metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value).ToList();
        Assert.All(dependencies, d => Assert.DoesNotContain("CodeAnalysis", d));
        Assert.Equal(
            package switch
            {
                "ActorBroker.Amqp" => [],
                "ActorBroker.Core" => ["ActorBroker.Amqp"],
                "ActorBroker" => ["ActorBroker.Core"],
                "ActorBroker.TestKit" => ["ActorBroker.Listener"],
                _ => new[] { "ActorBroker" },
            },
            dependencies.Where(d => d.StartsWith("ActorBroker", StringComparison.Ordinal)));
    }

    private void Make(string project, string source)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, project)).FullName;
        var text = File.ReadAllText(Path.Combine(Here(), "Sample", $"{project}.csproj.txt"));
        foreach (var (word, value) in new[]
        {
            ("VERSION", _version), ("TESTSDK", Ours("Microsoft.NET.Test.Sdk")), ("XUNIT", Ours("xunit")), ("RUNNER", Ours("xunit.runner.visualstudio")),
        })
        {
            text = text.Replace($"\"{word}\"", $"\"{value}\"", StringComparison.Ordinal);
        }

        File.WriteAllText(Path.Combine(folder, $"{project}.csproj"), text);
        File.Copy(Path.Combine(Here(), "Sample", source), Path.Combine(folder, source));
    }

    private static string Ours(string package) =>
        Regex.Match(File.ReadAllText(Path.Combine(Root, "src/Directory.Packages.props")), $"Include=\"{Regex.Escape(package)}\" Version=\"(.*?)\"").Groups[1].Value;

    private static async Task<string> Dotnet(string folder, string arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var inherited in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) && k != "MSBUILDDISABLENODEREUSE").ToList())
        {
            start.Environment.Remove(inherited); // of the test run that this is part of
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, $"dotnet {arguments} ended with {process.ExitCode}:\n{text}");
        return text;
    }

    private static string Root => Path.GetFullPath(Path.Combine(Here(), "../.."));

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
