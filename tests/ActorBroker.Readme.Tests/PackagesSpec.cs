using System.IO.Compression;
using System.Xml.Linq;

namespace ActorBroker.Readme.Tests;

/// <summary>What <c>dotnet pack</c> makes, used by a solution that knows nothing else of this repository.</summary>
[Collection(PackedCollection.Name)]
public sealed class PackagesSpec(Packed packed)
{
    [Fact]
    public void Each_has_all_that_a_package_needs()
    {
        foreach (var package in Packed.Packages)
        {
            Inspect(Path.Combine(packed.Feed, $"{package}.{packed.Version}.nupkg"), package);
            Assert.True(File.Exists(Path.Combine(packed.Feed, $"{package}.{packed.Version}.snupkg")), $"{package} has no symbols");
        }
    }

    [Fact]
    public async Task A_foreign_solution_embeds_the_broker()
    {
        Make("Shop", "Program.cs");
        Assert.Contains("one coffee on port True", await Packed.Run(Path.Combine(packed.Folder, "Shop"), "dotnet", "run", "-c", "Release", "-v", "quiet"));
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
        var folder = Directory.CreateDirectory(Path.Combine(packed.Folder, project)).FullName;
        var sample = Path.Combine(Packed.Root, "tests/ActorBroker.Readme.Tests/Sample");
        var text = File.ReadAllText(Path.Combine(sample, $"{project}.csproj.txt"));
        File.WriteAllText(Path.Combine(folder, $"{project}.csproj"), text.Replace("\"VERSION\"", $"\"{packed.Version}\"", StringComparison.Ordinal));
        File.Copy(Path.Combine(sample, source), Path.Combine(folder, source));
    }
}
