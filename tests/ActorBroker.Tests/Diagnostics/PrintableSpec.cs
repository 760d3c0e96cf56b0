using ActorBroker.Core.Diagnostics;
using ActorBroker.Diagnostics;
using ActorBroker.Tests.Support;
using Akka.Event;

namespace ActorBroker.Tests.Diagnostics;

/// <summary>Whatever a client calls itself, it cannot forge a line of the log.</summary>
public sealed class PrintableSpec : ActorSpec
{
    [Theory]
    [InlineData("plain name-1.0", "plain name-1.0")]
    [InlineData("a\n[ERROR] forged", @"a\n[ERROR] forged")]
    [InlineData("\r\t\0", @"\r\t\u0000")]
    [InlineData("a\u001b[31mred", @"a\u001b[31mred")] // acts on terminals
    [InlineData("a\u0085b\u2028c\u2029d", @"a\u0085b\u2028c\u2029d")] // ends lines
    [InlineData("a\u202eb\u2066c\u200bd\ufeff", @"a\u202eb\u2066c\u200bd\ufeff")] // turns text around, or is not seen
    [InlineData(@"a\nb", @"a\\nb")] // no other text looks like an escape
    [InlineData("日本 ünï 🐰", "日本 ünï 🐰")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Text_stands_on_one_line_and_says_what_it_was(string? text, string expected) => Assert.Equal(expected, Printable.Of(text));

    [Fact]
    public void Half_a_character_is_none()
    {
        Assert.Equal(@"a\ud800b", Printable.Of("a" + (char)0xD800 + "b"));
        Assert.Equal(@"\udc00", Printable.Of(((char)0xDC00).ToString()));
    }

    [Fact]
    public void Text_is_cut_off()
    {
        Assert.Equal(new string('a', 512), Printable.Of(new string('a', 512)));
        Assert.Equal($"{new string('a', 512)}… (100000 characters)", Printable.Of(new string('a', 100_000)));
        Assert.Equal($"{new string('\u00e9', 512)}… (513 characters)", Printable.Of(new string('\u00e9', 513)));
    }

    [Fact]
    public void No_line_of_the_broker_can_be_forged_by_what_a_client_says()
    {
        using var system = Akka.Actor.ActorSystem.Create("log", "akka { loglevel = INFO, stdout-loglevel = OFF, loggers = [] }");
        system.EventStream.Subscribe(TestActor, typeof(LogEvent));
        var forged = "v\n[ERROR][11/28/2026] forged";
        var log = new BrokerLog(system);
        log.Refused("connection 1", 0, Core.Security.AccessErrors.VirtualHostRefused(forged, "u\r\n"));
        log.ConnectionOpened("connection 1", "u\n", forged, "name\u001b[2J");
        log.ConnectionLost("connection 1", "why\n");
        log.ConnectionFailed("connection \n1", new InvalidOperationException("fault"));
        for (var i = 0; i < 4; i++)
        {
            var line = (LogEvent)FishForMessage(m => m is LogEvent { LogSource: var source } && source.Contains("actor-broker", StringComparison.Ordinal));
            Assert.DoesNotContain(line.Message.ToString()!, char.IsControl);
        }
    }

    [Fact]
    public void Every_logger_of_the_broker_writes_on_one_line() => Assert.DoesNotContain(
        Sources.Files("src", "*.cs")
            .SelectMany(f => File.ReadLines(f).Select(line => (File: Path.GetFileName(f), Line: line))),
        l => l.Line.Contains("GetLogger(", StringComparison.Ordinal) && !l.Line.Contains(".OneLine()", StringComparison.Ordinal));
}
