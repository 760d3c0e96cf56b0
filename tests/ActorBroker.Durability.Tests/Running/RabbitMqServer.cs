using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ActorBroker.Durability.Tests.Running;

/// <summary>
/// RabbitMQ as the Debian package installs it, as a private node: own data folder, ports and port mapper. It proves
/// the specs: what they ask of this product, they can be seen to get elsewhere.
/// </summary>
public sealed class RabbitMqServer : IServer
{
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const int SigTerm = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("durability-rabbitmq-").FullName;
    private readonly int _distributionPort = FreePort();
    private readonly int _portMapper = FreePort();
    private Process? _process;

    public int Port { get; } = FreePort();

    public bool IsRunning => _process is { HasExited: false };

    public long ResidentBytes => ProcessMemory.ResidentBytes(
        Process.GetProcessesByName("beam.smp")
            .First(p => File.ReadAllText($"/proc/{p.Id}/environ").Contains(_folder, StringComparison.Ordinal)).Id);

    public string Output => string.Join('\n', _output);

    public async Task Start()
    {
        var start = new ProcessStartInfo(Program)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in Environment())
        {
            start.Environment[name] = value;
        }

        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data, ready);
        _process.ErrorDataReceived += (_, line) => Note(line.Data, ready);
        _process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"It ended.\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(Limit);
    }

    public async Task End(Ending how)
    {
        if (how == Ending.Kill)
        {
            _process!.Kill(entireProcessTree: true);
        }
        else
        {
            _ = SendSignal(_process!.Id, SigTerm);
        }

        await _process.WaitForExitAsync().WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await End(Ending.Kill);
        }

        _process?.Dispose();
        using var mapper = Process.Start("epmd", ["-port", $"{_portMapper}", "-kill"]);
        await mapper.WaitForExitAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Note(string? line, TaskCompletionSource ready)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.Contains("completed with", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }

    private IEnumerable<(string Name, string Value)> Environment() =>
    [
        ("HOME", _folder),
        ("RABBITMQ_MNESIA_BASE", Path.Combine(_folder, "mnesia")),
        ("RABBITMQ_LOG_BASE", Path.Combine(_folder, "log")),
        ("RABBITMQ_NODENAME", $"durability{Port}@localhost"),
        ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"),
        ("RABBITMQ_NODE_PORT", $"{Port}"),
        ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
        ("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_folder, "enabled_plugins")),
        ("ERL_EPMD_ADDRESS", "127.0.0.1"),
        ("ERL_EPMD_PORT", $"{_portMapper}"),
    ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
