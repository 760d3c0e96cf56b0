using System.Runtime.CompilerServices;

namespace ActorBroker.Readme.Tests;

/// <summary>What README shows is what compiles and runs here, word for word.</summary>
public class ReadmeSpec
{
    [Fact]
    public async Task An_embedded_broker_serves_a_stock_client() =>
        await EmbedSample.RunAsync(async port => Assert.Equal("one coffee", await ClientSample.RunAsync(port)));

    [Theory]
    [InlineData("EmbedSample.cs", "embed")]
    [InlineData("ClientSample.cs", "client")]
    public void Shows_the_samples_word_for_word(string file, string marker)
    {
        var readme = File.ReadAllText(Path.Combine(Here(), "../../README.md"));

        Assert.Contains(Sample(Path.Combine(Here(), file), marker), readme);
    }

    private static string Sample(string file, string marker)
    {
        var lines = File.ReadAllLines(file).Select(l => l.Length > 8 ? l[8..] : "")
            .SkipWhile(l => l != $"// {marker}").Skip(1).TakeWhile(l => l != "// end");
        return string.Join('\n', lines);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
