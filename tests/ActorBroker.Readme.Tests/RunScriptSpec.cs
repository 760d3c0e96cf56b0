using System.Diagnostics;

namespace ActorBroker.Readme.Tests;

/// <summary><c>tests/run</c> with a <c>dotnet</c>, a package manager and suites that are made up.</summary>
public sealed class RunScriptSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorbroker-run-").FullName;

    public RunScriptSpec()
    {
        Write("tests/run", File.ReadAllText(Path.Combine(Packed.Root, "tests/run")));
        Write("ActorBroker.sln", "tests/A.Tests/A.Tests.csproj tests/B.Tests/B.Tests.csproj");
        foreach (var project in new[] { "A", "B", "Beside" })
        {
            Write($"tests/{project}.Tests/{project}.Tests.csproj", "");
        }

        Tool("dpkg-query", "[[ $NOTHING_INSTALLED ]] || echo installed");
        Tool("apt-get", "echo \"apt-get $*\" >> \"$LOG\"");
        Tool("dotnet", """
            echo "dotnet $*" >> "$LOG"
            echo "$ACTORBROKER_CRASHES $ACTORBROKER_ATTACK_SECONDS" >> "$LOG"
            [[ $1 == restore ]] && exit ${RESTORES:-0}
            [[ $1 == build && $2 == *.sln ]] && exit ${BUILDS:-0}
            [[ $1 == test ]] || exit 0
            while [[ $1 != --results-directory ]]; do shift; done
            for suite in ${SUITES:-a b}; do
                printf ' <UnitTestResult testName="x" computerName="y" outcome="Passed">\n <UnitTest storage="/x/%s.tests.dll">\n' $suite > "$2/$suite$RANDOM.trx"
            done
            """);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_is_well()
    {
        var (code, lines) = await Run();
        Assert.Equal((0, "4 passed, 0 failed, 0 skipped"), (code, lines[^1]));
        Assert.DoesNotContain(lines, l => l.StartsWith("Not run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_suite_that_cannot_be_restored_is_told_at_the_end_and_counted()
    {
        var (code, lines) = await Run(("RESTORES", "1"));
        Assert.Equal((0, "2 passed, 0 failed, 1 skipped"), (code, lines[^1]));
        Assert.Equal("Not run: tests/Beside.Tests/Beside.Tests.csproj, its packages cannot be restored here", lines[^2]);
    }

    [Fact]
    public async Task A_suite_that_leaves_no_results_is_told_and_counted()
    {
        var (_, lines) = await Run(("SUITES", "b"));
        Assert.Equal("2 passed, 0 failed, 1 skipped", lines[^1]);
        Assert.Equal("Not run: A.Tests, it has left no results", lines[^2]);
    }

    [Fact]
    public async Task A_solution_that_does_not_build_fails()
    {
        var (code, lines) = await Run(("BUILDS", "1"));
        Assert.Equal((1, "2 passed, 0 failed, 1 skipped"), (code, lines[^1]));
    }

    [Fact]
    public async Task It_says_what_it_installs_unless_it_may_not()
    {
        var (_, lines) = await Run(("NOTHING_INSTALLED", "1"));
        if (Environment.UserName == "root")
        {
            Assert.Contains(lines, l => l.StartsWith("Installing ", StringComparison.Ordinal) && l.Contains("--no-install leaves them out: python3 python3-pika"));
            Assert.Contains("apt-get install", Log);
        }

        File.Delete(Path.Combine(_folder, "log"));
        (_, lines) = await RunWith(["--no-install", "--filter", "X", "--long"], ("NOTHING_INSTALLED", "1"));
        Assert.DoesNotContain("apt-get", Log);
        Assert.Contains("--blame-hang-dump-type none --filter X\n200 20\n", Log);
        Assert.Contains("Not run: what needs python3-pika (not installed; --no-install)", lines[..^1]);
        var missing = lines.Where(l => l.StartsWith("Not run", StringComparison.Ordinal)).Distinct().Count();
        Assert.Equal($"4 passed, 0 failed, {missing} skipped", lines[^1]);
    }

    private string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    private Task<(int Code, string[] Lines)> Run(params (string Name, string Value)[] variables) => RunWith([], variables);

    private async Task<(int Code, string[] Lines)> RunWith(string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("bash", ["tests/run", .. arguments]) { WorkingDirectory = _folder, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["LOG"] = Path.Combine(_folder, "log");
        start.Environment.Remove("ACTORBROKER_CRASHES");
        start.Environment.Remove("ACTORBROKER_ATTACK_SECONDS");
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.TrimEnd().Split('\n'));
    }

    private void Tool(string name, string script)
    {
        Write($"bin/{name}", $"#!/usr/bin/env bash\n{script}\n");
        Process.Start("chmod", ["+x", Path.Combine(_folder, "bin", name)]).WaitForExit();
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
