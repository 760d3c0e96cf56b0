using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ActorBroker.Clients.Tests.Running;

/// <summary>A program in another language while it runs; killed with its children when disposed of.</summary>
internal sealed class ClientProgram : IDisposable
{
    private const int SigTerm = 15;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;
    private readonly string _command;

    private ClientProgram(Process process, string command)
    {
        _process = process;
        _command = command;
    }

    /// <summary>Standard output and standard error, line by line as they came.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Starts <c>/bin/sh -c script</c>; <paramref name="arguments"/> are <c>$1</c>, <c>$2</c>, ….</summary>
    public static ClientProgram Start(
        string script, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Sources.Folder,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var program = new ClientProgram(process, script);
        process.OutputDataReceived += (_, line) => program.Note(line.Data);
        process.ErrorDataReceived += (_, line) => program.Note(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Returns once <paramref name="condition"/> holds; fails with the output when it is late.</summary>
    public async Task WaitAsync(Func<bool> condition, string what, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > limit || _process.HasExited)
            {
                var how = _process.HasExited ? "ended" : $"was not there within {limit}";
                Assert.Fail($"waited for {what}, but `{_command}` {how}.\n{Output}");
            }

            await Task.Delay(PollInterval);
        }
    }

    /// <summary>Asks it to end, as an operator would.</summary>
    public void Terminate() => _ = SendSignal(_process.Id, SigTerm);

    /// <summary>Waits for the end and checks that it went well; the output tells what did not.</summary>
    public async Task ShouldSucceedAsync(TimeSpan limit)
    {
        using var late = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"`{_command}` still ran after {limit}.\n{Output}");
        }

        Assert.True(_process.ExitCode == 0, $"`{_command}` ended with {_process.ExitCode}.\n{Output}");
    }

    /// <summary>True when it ended within the time and with 0. Blocks.</summary>
    public bool WaitSync(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit))
        {
            return false;
        }

        _process.WaitForExit(); // without a time, it also waits for the rest of the output
        return _process.ExitCode == 0;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private string Output => string.Join('\n', _lines);

    private void Note(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
