using System.Diagnostics;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>
/// RabbitMQ as the Debian package installs it, run as a private node: own name, data folder, ports and user list.
/// <c>ACTORBROKER_TEST_RABBITMQ=host:port</c> names a running one instead; it needs the users, virtual hosts and
/// settings that <see cref="RabbitMqSettings"/> writes.
/// </summary>
public sealed class RabbitMqBroker : Broker
{
    private const string Override = "ACTORBROKER_TEST_RABBITMQ";

    // The script behind Debian's wrapper runs as whoever we are; the wrapper insists on its own user and log folder.
    private static readonly string[] Programs = ["/usr/lib/rabbitmq/bin/rabbitmq-server", "/usr/sbin/rabbitmq-server"];

    private int _portMapper;

    /// <summary>Why the tests of this family cannot run here; null when they can.</summary>
    public static string? Unavailable { get; } =
        Program() is null && Environment.GetEnvironmentVariable(Override) is null
            ? $"rabbitmq-server is not installed and {Override} is not set"
            : null;

    public override async Task InitializeAsync()
    {
        if (Unavailable is not null)
        {
            return;
        }

        if (BrokerEndpoint.FromEnvironment(Override, BrokerKind.RabbitMQ) is { } running)
        {
            Endpoint = running;
            return;
        }

        var folder = BrokerProcess.NewFolder();
        var port = BrokerProcess.FreePort();
        _portMapper = BrokerProcess.FreePort();
        RabbitMqSettings.WriteTo(folder);
        Process = await BrokerProcess.Start(
            Command(folder, port),
            folder,
            line => line.Contains("completed with", StringComparison.Ordinal));
        Endpoint = new BrokerEndpoint("127.0.0.1", port, BrokerKind.RabbitMQ);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (Process is not null)
        {
            await StopPortMapper();
        }
    }

    private static string? Program() => Array.Find(Programs, File.Exists);

    private ProcessStartInfo Command(string folder, int port)
    {
        var start = new ProcessStartInfo(Program()!) { WorkingDirectory = folder };
        foreach (var (name, value) in RabbitMqSettings.Environment(folder, port, BrokerProcess.FreePort(), _portMapper))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Erlang leaves its port mapper running on purpose; this one was ours alone.</summary>
    private async Task StopPortMapper()
    {
        var stop = new ProcessStartInfo("epmd", ["-port", $"{_portMapper}", "-kill"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = System.Diagnostics.Process.Start(stop);
        await process!.WaitForExitAsync();
    }
}
