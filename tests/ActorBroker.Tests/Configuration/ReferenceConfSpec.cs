using ActorBroker.Scheduling;
using System.Text.RegularExpressions;
using ActorBroker.Configuration;
using ActorBroker.Tests.Support;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorBroker.Tests.Configuration;

/// <summary>hocon/reference.conf says everything there is to set, and nothing else.</summary>
public sealed class ReferenceConfSpec
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Sources.Root, "hocon", "reference.conf"));

    private static readonly string Code = string.Join(
        "\n", Sources.Files("src", "*.cs").Select(File.ReadAllText));

    /// <summary>Read by Akka, which is told the name of the block.</summary>
    private static readonly string AkkasOwn = Dispatchers.Hot + ".";

    [Fact]
    public void The_file_is_the_one_in_the_assembly()
    {
        using var resource = typeof(ActorBrokerReference).Assembly.GetManifestResourceStream("ActorBroker.reference.conf")!;
        using var reader = new StreamReader(resource);
        Assert.Equal(Text, reader.ReadToEnd());
    }

    [Fact]
    public void Every_key_has_a_comment()
    {
        var lines = Text.Split('\n');
        var bare = Enumerable.Range(1, lines.Length - 1)
            .Where(i => Regex.IsMatch(lines[i], @"^\s*[\w-]+\s*=") && !lines[i - 1].TrimStart().StartsWith('#'))
            .Select(i => $"line {i + 1}: {lines[i].Trim()}");
        Assert.Empty(bare);
    }

    [Fact]
    public void Every_number_size_and_time_has_a_range()
    {
        var lines = Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!Regex.IsMatch(lines[i], @"=\s*\d") || lines[i].Contains("throughput"))
            {
                continue;
            }

            var comment = string.Join(" ", lines.Take(i).Reverse().TakeWhile(l => l.TrimStart().StartsWith('#')));
            Assert.True(Regex.IsMatch(comment, @"Range \d|\(\d+% - \d+%\)"), $"line {i + 1}: {lines[i].Trim()} has no range in its comment");
        }
    }

    [Fact]
    public void Every_key_is_read_by_the_code()
    {
        var keys = Keys(ActorBrokerReference.Config.Root.GetObject(), "").Where(k => !k.StartsWith(AkkasOwn, StringComparison.Ordinal)).ToList();
        Assert.Contains("actor-broker.amqp.max-in-flight", keys);
        Assert.Contains("actor-broker.users.guest.loopback-only", keys);
        Assert.All(keys, k => Assert.True(Code.Contains($"\"{k[(k.LastIndexOf('.') + 1)..]}\""), $"nobody reads {k}"));
        Assert.Contains($"\"{Dispatchers.Hot}\"", Code);
    }

    [Fact]
    public void Every_key_that_the_code_reads_is_there()
    {
        var standalone = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(Sources.Root, "hocon", "standalone.conf")));
        var known = Keys(ActorBrokerReference.Config.Root.GetObject(), "").Concat(Keys(standalone.Root.GetObject(), ""))
            .Select(k => k[(k.LastIndexOf('.') + 1)..]).ToHashSet();
        var read = Regex.Matches(Code, @"\.(?:Int|Bytes|Duration|Bool|String|Strings)\(""([\w-]+)""").Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.InRange(read.Count, 20, int.MaxValue);
        Assert.Empty(read.Except(known));
    }

    [Theory]
    [InlineData("password-hash")]
    [InlineData("hashing-algorithm")]
    public void Keys_of_users_that_have_no_default_are_mentioned(string key) => Assert.Contains(key, Text);

    [Theory]
    [InlineData("reference.conf")]
    [InlineData("standalone.conf")]
    public void Every_file_of_settings_parses_and_every_key_in_it_has_a_comment(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Sources.Root, "hocon", name));
        Assert.NotNull(ConfigurationFactory.ParseString(string.Join("\n", lines)));
        for (var i = 1; i < lines.Length; i++)
        {
            if (Regex.IsMatch(lines[i], @"^\s*[\w.-]+\s*=") && !lines[i - 1].TrimStart().StartsWith('#'))
            {
                Assert.Fail($"{name}, line {i + 1}: {lines[i].Trim()} has no comment");
            }
        }
    }

    private static IEnumerable<string> Keys(HoconObject block, string path)
    {
        foreach (var (key, value) in block.Items)
        {
            var full = path.Length == 0 ? key : $"{path}.{key}";
            if (value.IsObject())
            {
                foreach (var inner in Keys(value.GetObject(), full))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return full;
            }
        }
    }
}
