using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.ServerProcesses;

/// <summary>The server as its users run it: a process with arguments, output, signals and an exit code.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private const string Dll = "ActorBroker.Server.dll";
    private const int SigTerm = 15;
    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>All that it writes to standard output after the line with its endpoints; complete when it has ended.</summary>
    public Task<string> Output { get; private set; } = Task.FromResult("");

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> Run(
        IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        await using var server = Start("dotnet", [ServerDll(), .. arguments], environment);
        var output = server._process.StandardOutput.ReadToEndAsync();
        var errors = server._process.StandardError.ReadToEndAsync();
        return (await server.Exit(), await output, await errors);
    }

    /// <summary>Starts it and waits until it accepts connections.</summary>
    public static Task<ServerProcess> Listening(params string[] arguments) => Listening("dotnet", [ServerDll(), .. arguments], []);

    /// <summary>The same in a shell that sets limits first.</summary>
    public static Task<ServerProcess> ListeningBehind(string limits, params string[] arguments) =>
        Listening("/bin/bash", ["-c", $"{limits}; exec dotnet \"$0\" \"$@\"", ServerDll(), .. arguments], []);

    /// <summary>The same with environment variables.</summary>
    public static Task<ServerProcess> ListeningWith(params (string Name, string Value)[] environment) =>
        Listening("dotnet", [ServerDll()], environment);

    /// <summary>Asks it to stop, as an init system does.</summary>
    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, SigTerm));

    /// <summary>Its exit code, once it has ended.</summary>
    public async Task<int> Exit()
    {
        await _process.WaitForExitAsync().WaitAsync(WireClient.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<ServerProcess> Listening(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var server = Start(program, arguments, environment);
        var errors = server._process.StandardError.ReadToEndAsync();
        while (await server._process.StandardOutput.ReadLineAsync().WaitAsync(WireClient.Patience) is { } line)
        {
            if (line.Contains("accepts AMQP 0-9-1", StringComparison.Ordinal))
            {
                server.Endpoints = [.. EndpointText().Matches(line).Select(m => IPEndPoint.Parse(m.Value))];
                server.Output = server._process.StandardOutput.ReadToEndAsync(); // a full pipe would stop it
                return server;
            }
        }

        await server.DisposeAsync();
        throw new InvalidOperationException($"the server ended before it listened: {await errors}");
    }

    private static ServerProcess Start(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(Process.Start(start)!);
    }

    /// <summary>The server of the same build: beside the tests in an artifacts folder, or in the source tree.</summary>
    private static string ServerDll()
    {
        var beside = AppContext.BaseDirectory.Replace("/ActorBroker.Listener.Tests/", "/ActorBroker.Server/", StringComparison.Ordinal);
        string[] candidates =
        [
            Path.Combine(beside, Dll), Path.Combine(beside.Replace("/tests/ActorBroker.S", "/src/ActorBroker.S", StringComparison.Ordinal), Dll),
        ];
        return Array.Find(candidates, File.Exists) ?? throw new InvalidOperationException(
            string.Create(CultureInfo.InvariantCulture, $"the server is not built: neither {string.Join(" nor ", candidates)} is there"));
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+:\d+|\[[0-9a-f:]+\]:\d+")]
    private static partial Regex EndpointText();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
