using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ActorBroker.Tests.Shared;

/// <summary>What a process may have.</summary>
/// <param name="HeapBytes">Bytes of objects.</param>
/// <param name="Descriptors">Open files and sockets.</param>
public sealed record ProcessLimits(long HeapBytes, int Descriptors)
{
    internal void Put(ProcessStartInfo start)
    {
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{HeapBytes:x}";
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "/bin/sh";
        start.ArgumentList.Clear();
        foreach (var part in (string[])["-c", $"ulimit -n {Descriptors} && exec \"$@\"", "sh", .. command])
        {
            start.ArgumentList.Add(part);
        }
    }
}

/// <summary>
/// The broker under test, reached over TCP only. <c>ACTORBROKER_TEST_ENDPOINT=host:port</c> names one that runs;
/// otherwise the server built beside the tests is started on a free port (<c>ACTORBROKER_TEST_SERVER</c> names
/// another build's dll). As a collection fixture it lives as long as the specs of the collection.
/// </summary>
public sealed class BrokerProcess : IAsyncLifetime
{
    private const string EndpointVariable = "ACTORBROKER_TEST_ENDPOINT";
    private const string ServerVariable = "ACTORBROKER_TEST_SERVER";
    private const string ServerDll = "ActorBroker.Server.dll";
    private const int SigTerm = 15;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;
    private string? _folder;
    private string[] _arguments = [];
    private ProcessLimits? _limits;

    /// <summary>Name or address it listens on. Set once it has started.</summary>
    public string Host { get; private set; } = "";

    /// <summary>TCP port, 1 to 65535.</summary>
    public int Port { get; private set; }

    /// <summary>The address for AMQP clients: user guest, virtual host <c>/</c>.</summary>
    public string Uri => $"amqp://guest:guest@{Host}:{Port}/%2F";

    /// <summary>Id of the running process.</summary>
    /// <exception cref="InvalidOperationException">It was never started here.</exception>
    public int ProcessId => Started.Id;

    /// <summary>False once it has ended, however that came about, and before the first start.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>All that the server has written so far, for the message of a failing test.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a broker of its own, whatever the environment says, with further arguments.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready within 60 seconds.</exception>
    public static async Task<BrokerProcess> StartAsync(params string[] arguments)
    {
        var broker = new BrokerProcess();
        await broker.LaunchAsync(arguments);
        return broker;
    }

    /// <summary>The same with less of what a process may have.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready within 60 seconds.</exception>
    public static async Task<BrokerProcess> StartAsync(ProcessLimits limits, params string[] arguments)
    {
        var broker = new BrokerProcess { _limits = limits };
        await broker.LaunchAsync(arguments);
        return broker;
    }

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        var endpoint = Environment.GetEnvironmentVariable(EndpointVariable);
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            await LaunchAsync([]);
            return;
        }

        var colon = endpoint.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(endpoint.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port))
        {
            throw new FormatException($"{EndpointVariable} = '{endpoint}': must be host:port");
        }

        (Host, Port) = (endpoint[..colon], port);
    }

    /// <summary>Ends it at once, as a power cut would: no handler of the server runs.</summary>
    public void Kill() => _process?.Kill(entireProcessTree: true);

    /// <summary>The same, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Kill();
        await Started.WaitForExitAsync().WaitAsync(StopLimit);
    }

    /// <summary>Asks it to end (SIGTERM) and waits; its exit code.</summary>
    /// <exception cref="TimeoutException">It still ran after 20 seconds.</exception>
    public async Task<int> EndAsync()
    {
        _ = SendSignal(ProcessId, SigTerm);
        await Started.WaitForExitAsync().WaitAsync(StopLimit);
        return Started.ExitCode;
    }

    /// <summary>
    /// Starts it once more after it has ended: same port, same folder, same arguments. The process runs when this
    /// returns; the task ends when it accepts connections, and fails when the process ends before that.
    /// </summary>
    public Task Relaunch()
    {
        _process?.Dispose();
        return RunAsync();
    }

    /// <summary>Runs a command of the server's program beside it, in the same folder.</summary>
    /// <exception cref="InvalidOperationException">It did not succeed; says what it wrote.</exception>
    public async Task Command(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [FindServer(), .. arguments])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(StartLimit);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)}: {await output}{await errors}");
        }
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            await StopAsync(_process);
            _process.Dispose();
        }

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Process Started => _process ?? throw new InvalidOperationException("No process was started here.");

    private static async Task StopAsync(Process process)
    {
        if (!process.HasExited)
        {
            _ = SendSignal(process.Id, SigTerm);
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private async Task LaunchAsync(string[] arguments)
    {
        (Host, Port) = ("127.0.0.1", FreePort());
        _folder = Directory.CreateTempSubdirectory("actorbroker-test-").FullName;
        _arguments = arguments;
        try
        {
            await RunAsync();
        }
        catch (InvalidOperationException)
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync()
    {
        var start = new ProcessStartInfo("dotnet", [FindServer(), "--listen", $"{Host}:{Port}", .. _arguments])
        {
            WorkingDirectory = _folder, // what a server writes without being told where, it writes here
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _limits?.Put(start);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data, ready);
        _process.ErrorDataReceived += (_, line) => Note(line.Data, null);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("It ended."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartLimit);
        }
        catch (Exception reason) when (reason is TimeoutException or InvalidOperationException)
        {
            var error = $"{ServerDll}: it did not say within {StartLimit} that it accepts connections on {Port}.\n{Output}";
            throw new InvalidOperationException(error, reason);
        }
    }

    /// <summary>The server is ready when it writes that it accepts connections, and where.</summary>
    private void Note(string? line, TaskCompletionSource? ready)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.Contains(" accepts ", StringComparison.Ordinal) && line.Contains($":{Port}", StringComparison.Ordinal))
        {
            ready?.TrySetResult();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// The server of the same build. Two layouts are known: <c>tests/NAME/bin/Debug/net10.0</c>, and with an
    /// artifacts folder <c>bin/NAME/debug</c>.
    /// </summary>
    private static string FindServer()
    {
        if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        var beside = Regex.Replace(AppContext.BaseDirectory, @"/ActorBroker\.[^/]*Tests/", "/ActorBroker.Server/");
        var inSource = beside.Replace("/tests/ActorBroker.S", "/src/ActorBroker.S", StringComparison.Ordinal);
        string[] candidates = [Path.Combine(beside, ServerDll), Path.Combine(inSource, ServerDll)];
        return Array.Find(candidates, File.Exists) ?? throw new InvalidOperationException(
            $"The server is not built: neither {string.Join(" nor ", candidates)} is there.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
