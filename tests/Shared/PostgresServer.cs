using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorBroker.Tests.Shared;

/// <summary>
/// A private PostgreSQL cluster in a temporary directory, on a free port; stopped and deleted at the end. Started as the user
/// postgres when the tests run as root, since PostgreSQL refuses to run as root.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string? Binaries = FindBinaries();
    private readonly string _folder;

    private PostgresServer(string folder, int port)
    {
        _folder = folder;
        Port = port;
    }

    /// <summary>Null when a cluster can be started here; otherwise why not.</summary>
    public static string? SkipReason => Binaries is null
        ? "PostgreSQL is not installed (package postgresql)"
        : Environment.UserName == "root" && !File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal))
            ? "PostgreSQL does not run as root, and there is no user postgres"
            : null;

    /// <summary>TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Connects as the owner of everything.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    /// <summary>Creates and starts a cluster.</summary>
    /// <exception cref="InvalidOperationException">It does not start; says what it wrote.</exception>
    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("actorbroker-pg-").FullName;
        await Run("chown", ["postgres", folder], onlyAsRoot: true);
        var server = new PostgresServer(folder, FreePort());
        try
        {
            await server.Postgres("initdb", "-D", server.Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync");
            await server.Start();
            return server;
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Ends it as a crash would, and starts it again.</summary>
    public async Task Crash()
    {
        await Stop("immediate");
        await Start();
    }

    /// <summary>Ends it: fast (transactions are rolled back) or immediate (as a crash).</summary>
    public Task Stop(string mode) => Postgres("pg_ctl", "-D", Data, "-m", mode, "-w", "stop");

    /// <summary>Starts it again.</summary>
    public Task Start() => Postgres(
        "pg_ctl",
        "-D",
        Data,
        "-l",
        Path.Combine(_folder, "log"),
        "-w",
        "-o",
        $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c shared_buffers=32MB",
        "start");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await Stop("immediate");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Data => Path.Combine(_folder, "data");

    private Task Postgres(string program, params string[] arguments)
    {
        var path = Path.Combine(Binaries!, program);
        return Environment.UserName == "root"
            ? Run("runuser", ["-u", "postgres", "--", path, .. arguments])
            : Run(path, arguments);
    }

    private static async Task Run(string program, string[] arguments, bool onlyAsRoot = false)
    {
        if (onlyAsRoot && Environment.UserName != "root")
        {
            return;
        }

        // pg_ctl leaves a server behind that would keep pipes open: output goes to a file
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh", ["-c", "out=$1; shift; exec \"$@\" > \"$out\" 2>&1 < /dev/null", "sh", output, program, .. arguments])
            {
                WorkingDirectory = "/",
            };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync().WaitAsync(Patience);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}: {await File.ReadAllTextAsync(output)}");
            }
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string? FindBinaries()
    {
        string[] debian = Directory.Exists("/usr/lib/postgresql")
            ? [.. Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => double.Parse(Path.GetFileName(d), CultureInfo.InvariantCulture)).Select(d => Path.Combine(d, "bin"))]
            : [];
        string[] all = [.. debian, .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];
        return OperatingSystem.IsLinux() ? Array.Find(all, d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl"))) : null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
