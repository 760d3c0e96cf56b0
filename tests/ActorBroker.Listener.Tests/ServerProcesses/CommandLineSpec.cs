namespace ActorBroker.Listener.Tests.ServerProcesses;

/// <summary>What the server says on its command line, and when it refuses to start.</summary>
public sealed class CommandLineSpec
{
    private const string Form = "must be HOST:PORT, with HOST an IP address, localhost or * and PORT 0 to 65535";

    [Fact]
    public async Task Help_names_every_option_and_exits_0()
    {
        var (code, output, _) = await ServerProcess.Run(["--help"]);

        Assert.Equal(0, code);
        Assert.All(new[] { "--config", "--data", "--listen", "--version" }, option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_a_version_and_exits_0()
    {
        var (code, output, _) = await ServerProcess.Run(["--version"]);

        Assert.Equal(0, code);
        Assert.Matches(@"^\d+\.\d+\.\d+", output.Trim());
    }

    [Theory]
    [InlineData("nonsense", $"actor-broker.amqp.listen = nonsense: {Form}")]
    [InlineData("127.0.0.1:99999", $"actor-broker.amqp.listen = 127.0.0.1:99999: {Form}")]
    [InlineData("amqps://127.0.0.1:0", "actor-broker.amqp.listen = amqps://127.0.0.1:0: needs actor-broker.amqp.tls.certificate")]
    public async Task A_bad_endpoint_is_named_with_its_key_and_what_is_allowed(string value, string error)
    {
        var (code, _, errors) = await ServerProcess.Run(["--listen", value]);

        Assert.NotEqual(0, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal); // no stack trace for a typing error
    }

    [Fact]
    public async Task A_bad_environment_variable_is_named_by_its_key()
    {
        var (code, _, errors) = await ServerProcess.Run(["--listen", "127.0.0.1:0"], ("ACTORBROKER__AMQP__CHANNEL_MAX", "0"));

        Assert.NotEqual(0, code);
        Assert.Contains("actor-broker.amqp.channel-max = 0: must be a whole number from 1 to 65535", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actor-broker.vhosts = [\"/\"", "line 1: '[' is never closed; add ']'")]
    [InlineData("actor-broker {\n  # it's {\n  vhosts = [\"/\"]\n", "line 1: '{' is never closed; add '}'")]
    [InlineData("a = \"[\"\nactor-broker { vhosts = [\"/\" }", "line 2: '}' where ']' must be: '[' of line 2 is not closed")]
    [InlineData("a = 1 // fine }\n}", "line 2: '}' closes nothing; remove it, or open it before")]
    [InlineData("a = \"x\nb = 1", "line 1: the quote is never closed; add \"")]
    public async Task A_file_of_settings_that_does_not_close_what_it_opens_is_refused_with_the_line(string text, string fault)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text);
            var (code, _, errors) = await ServerProcess.Run(["--listen", "127.0.0.1:0", "--config", file]);

            Assert.Equal(2, code);
            Assert.Equal($"actorbroker: --config {file}, {fault}\n", errors);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task An_unknown_option_and_a_missing_file_are_refused()
    {
        Assert.NotEqual(0, (await ServerProcess.Run(["--nonsense"])).Code);
        var (code, _, errors) = await ServerProcess.Run(["--config", "no-such-file.conf"]);

        Assert.NotEqual(0, code);
        Assert.Contains("no-such-file.conf", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
