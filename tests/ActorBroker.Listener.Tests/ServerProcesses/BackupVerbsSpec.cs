namespace ActorBroker.Listener.Tests.ServerProcesses;

/// <summary><c>backup</c> and <c>restore</c> beside a server that runs.</summary>
public sealed class BackupVerbsSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorbroker-verbs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_beside_a_running_server_is_restored_into_another_directory()
    {
        var (data, file, other) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "backup"), Path.Combine(_folder, "other"));
        await using var server = await ServerProcess.Listening("--listen", "127.0.0.1:0", "--data", data);
        var (code, output, errors) = await ServerProcess.Run(["backup", "--data", data, "--to", file]);
        Assert.Equal((0, ""), (code, errors));
        Assert.Matches($"^{file}: \\d+ bytes, checked\n$", output);

        await Refused(["backup", "--data", data, "--to", file], $"actorbroker: {file} exists: a backup never replaces a file");
        await Refused(["restore", "--from", file, "--data", data, "--force"], "another broker uses this directory");
        await Refused(["--listen", "127.0.0.1:0", "--data", data], "another broker uses this directory");

        Assert.Equal(0, (await ServerProcess.Run(["restore", "--from", file, "--data", other])).Code);
        await Refused(["restore", "--from", file, "--data", other], "--force replaces it");
        await using var restored = await ServerProcess.Listening("--listen", "127.0.0.1:0", "--data", other);
    }

    [Fact]
    public async Task Help_names_what_a_verb_needs()
    {
        var (code, output, _) = await ServerProcess.Run(["restore", "--help"]);
        Assert.Equal(0, code);
        Assert.All(new[] { "--from", "--data", "--force" }, option => Assert.Contains(option, output, StringComparison.Ordinal));
        Assert.NotEqual(0, (await ServerProcess.Run(["backup"])).Code);
    }

    private static async Task Refused(string[] arguments, string why)
    {
        var (code, _, errors) = await ServerProcess.Run(arguments);
        Assert.Equal(2, code);
        Assert.Contains(why, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
