using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.Architecture;

/// <summary>What the compiler does not see: who may know whom, and that files can be read.</summary>
public sealed partial class ArchitectureSpec
{
    private const int LongestFile = 400;

    /// <summary>Projects that each project may reference. An arrow never points back.</summary>
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["ActorBroker.Amqp"] = [],
        ["ActorBroker.Core"] = ["ActorBroker.Amqp"],
        ["ActorBroker"] = ["ActorBroker.Core"],
        ["ActorBroker.Listener"] = ["ActorBroker"],
        ["ActorBroker.TestKit"] = ["ActorBroker", "ActorBroker.Listener"],
        ["ActorBroker.Streams"] = ["ActorBroker"],
        ["ActorBroker.Management"] = ["ActorBroker"],
        ["ActorBroker.Server"] = ["ActorBroker", "ActorBroker.Listener", "ActorBroker.Streams", "ActorBroker.Management"],
    };

    /// <summary>Packages that come with each project; analyzers do not.</summary>
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["ActorBroker.Amqp"] = [],
        ["ActorBroker.Core"] = [],
        ["ActorBroker"] = ["Akka", "Akka.Hosting", "Akka.Persistence.Sql", "Microsoft.Data.Sqlite", "Npgsql"],
        ["ActorBroker.Listener"] = [],
        ["ActorBroker.Streams"] = ["Akka.Streams"],
        ["ActorBroker.TestKit"] = ["Akka.TestKit.Xunit2"],
        ["ActorBroker.Server"] = ["System.CommandLine"],
    };

    public static TheoryData<string> Projects => [.. Sources.Files("src", "*.csproj").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_those_below_it(string project)
    {
        Assert.True(MayReference.TryGetValue(project, out var allowed), $"{project} is new: say here whom it may reference");
        var references = Items(project, "ProjectReference").Select(i => Path.GetFileNameWithoutExtension(i.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.Empty(references.Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_brings_only_the_packages_it_is_known_for(string project)
    {
        var packages = Items(project, "PackageReference")
            .Where(i => i.Attribute("PrivateAssets")?.Value != "all")
            .Select(i => i.Attribute("Include")!.Value);
        Assert.Empty(packages.Except(MayUse.GetValueOrDefault(project, [])));
    }

    [Theory]
    [InlineData("ActorBroker.Amqp", "System")]
    [InlineData("ActorBroker.Core", "System", "ActorBroker.Amqp")]
    public void An_assembly_below_the_actors_knows_nothing_but_the_base_class_library(string assembly, params string[] allowed)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(r => r.Name!);
        Assert.All(references, r => Assert.True(
            allowed.Any(a => r == a || (a == "System" && r.StartsWith("System.", StringComparison.Ordinal))), $"{assembly} references {r}"));
    }

    [Theory]
    [InlineData("ActorBroker.Core", @"\busing Akka\b|\bAkka\.")]
    [InlineData("ActorBroker.Core", @"\bDateTime(Offset)?\.(Utc)?Now\b|\bStopwatch\b|\bTimeProvider\b|\bEnvironment\.TickCount")]
    [InlineData("ActorBroker.Core", @"\bSystem\.IO\b|\bSystem\.Net\.Sockets\b|\bFile\.|\bConsole\.")]
    [InlineData("ActorBroker.Core", @"\basync\b|\bawait\b|\bTask\b|\bThread\.")]
    [InlineData("ActorBroker.Core", @"\bGuid\.NewGuid\b|\bRandom\b")]
    [InlineData("ActorBroker.Amqp", @"\bSystem\.Net\b|\bSystem\.IO\.(?!Pipelines)|\basync\b|\bTask\b")]
    [InlineData("ActorBroker", @"\.Result\b|\.Wait\(\)|\bTask\.Run\b|\bThread\.Sleep\b")]
    [InlineData("ActorBroker", @"\.Ask<|\.Ask\(")]
    [InlineData("ActorBroker", @"\bDateTime(Offset)?\.(Utc)?Now\b")]
    [InlineData("ActorBroker.Listener", @"\bThread\.Sleep\b|\bTask\.Run\b")]
    public void A_layer_does_not_use_what_is_not_its_business(string project, string banned)
    {
        var found = Sources.Files(Path.Combine("src", project), "*.cs")
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (File: Sources.Relative(f), Line: i + 1, Text: Code(line))))
            .Where(l => Regex.IsMatch(l.Text, banned))
            .Select(l => $"{l.File}:{l.Line}: {l.Text.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Core_is_guarded_by_banned_symbols()
    {
        var project = XDocument.Load(Path.Combine(Sources.Root, "src/ActorBroker.Core/ActorBroker.Core.csproj"));
        Assert.Contains(project.Descendants("AdditionalFiles"), a => a.Attribute("Include")?.Value == "BannedSymbols.txt");
        Assert.Contains(project.Descendants("PackageReference"), p => p.Attribute("Include")?.Value == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
        var banned = File.ReadAllLines(Path.Combine(Sources.Root, "src/ActorBroker.Core/BannedSymbols.txt"));
        Assert.All(banned.Where(l => l.Length > 0), l => Assert.Matches("^[A-Z]:[^;]+;.+", l)); // each with its reason
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_file_is_longer_than_one_can_read(string folder)
    {
        var files = Sources.Files(folder, "*.cs").Select(f => (Name: Sources.Relative(f), Lines: File.ReadLines(f).Count())).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(files.Where(f => f.Lines > LongestFile).Select(f => $"{f.Name} has {f.Lines} lines"));
    }

    [Fact]
    public void The_median_and_the_ninetieth_file_are_short()
    {
        int[] lines = [.. Sources.Files("src", "*.cs").Select(f => File.ReadLines(f).Count()).Order()];
        Assert.InRange(lines[lines.Length / 2], 1, 120);
        Assert.InRange(lines[lines.Length * 9 / 10], 1, 300);
    }

    [Fact]
    public void A_folder_is_a_namespace()
    {
        var wrong = Sources.Files("src", "*.cs")
            .Select(f => (File: Sources.Relative(f), Namespace: Regex.Match(File.ReadAllText(f), @"^namespace ([\w.]+);", RegexOptions.Multiline).Groups[1].Value))
            .Where(f => f.Namespace.Length > 0 && f.Namespace != Path.GetDirectoryName(f.File)!["src/".Length..].Replace('/', '.'))
            .Where(f => f is not { File: "src/ActorBroker.Listener/AmqpListenerExtensions.cs", Namespace: "ActorBroker" }) // a word of its options
            .Select(f => $"{f.File}: {f.Namespace}");
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(@"\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b")]
    [InlineData(@"^\s*#region\b")]
    public void No_marks_of_unfinished_work(string mark)
    {
        var found = Sources.Files("src", "*.cs").Concat(Sources.Files("tests", "*.cs").Where(f => !f.EndsWith("ArchitectureSpec.cs", StringComparison.Ordinal)))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (File: Sources.Relative(f), Line: i + 1, Text: line)))
            .Where(l => Regex.IsMatch(l.Text, mark))
            .Select(l => $"{l.File}:{l.Line}: {l.Text.Trim()}");
        Assert.Empty(found);
    }

    [Fact]
    public void Every_project_is_in_the_solution_or_says_why_not()
    {
        var solution = File.ReadAllText(Path.Combine(Sources.Root, "ActorBroker.sln"));
        var missing = Sources.Files("src", "*.csproj").Concat(Sources.Files("tests", "*.csproj"))
            .Select(f => Path.GetFileName(f))
            .Where(name => !solution.Contains(name) && name != "ActorBroker.Wolverine.Tests.csproj"); // its packages do not fit together by the book
        Assert.Empty(missing);
    }

    private static IEnumerable<XElement> Items(string project, string name) =>
        XDocument.Load(Path.Combine(Sources.Root, "src", project, $"{project}.csproj")).Descendants(name);

    /// <summary>A line without its texts and its comment.</summary>
    private static string Code(string line) => Regex.Replace(Regex.Replace(line, @"""(\\.|[^""\\])*""", "\"\""), "//.*", "");
}
