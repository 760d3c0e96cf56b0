using System.Diagnostics;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>
/// The server program of this repository, started on a free port with a settings file of its own.
/// <c>ACTORBROKER_TEST_ENDPOINT=host:port</c> names a running one instead (it needs what
/// <see cref="ActorBrokerSettings"/> writes); <c>ACTORBROKER_TEST_SERVER</c> names another build's dll.
/// </summary>
public class ActorBrokerBroker : Broker
{
    private const string Override = "ACTORBROKER_TEST_ENDPOINT";

    /// <summary>Settings on top of the ones all tests share, in HOCON; none here.</summary>
    protected virtual string MoreSettings => "";

    /// <summary>True when a server named by the environment will do, false when the settings matter.</summary>
    protected virtual bool MayShare => true;

    public override async Task InitializeAsync()
    {
        if (MayShare && BrokerEndpoint.FromEnvironment(Override, BrokerKind.ActorBroker) is { } running)
        {
            Endpoint = running;
            return;
        }

        var folder = BrokerProcess.NewFolder();
        var port = BrokerProcess.FreePort();
        var settings = Path.Combine(folder, "conformance.conf");
        await File.WriteAllTextAsync(settings, ActorBrokerSettings.Text(MoreSettings));
        var start = new ProcessStartInfo(
            "dotnet", [ServerAssembly.Find(), "--listen", $"127.0.0.1:{port}", "--config", settings])
        {
            WorkingDirectory = folder,
        };
        Process = await BrokerProcess.Start(start, folder, line => line.Contains($"{port}", StringComparison.Ordinal));
        Endpoint = new BrokerEndpoint("127.0.0.1", port, BrokerKind.ActorBroker);
    }
}

/// <summary>A server that refuses bindings between a durable and a transient end.</summary>
public sealed class StrictActorBroker : ActorBrokerBroker
{
    protected override string MoreSettings => "actor-broker.amqp.strict-durability-binding = on";

    protected override bool MayShare => false;
}
