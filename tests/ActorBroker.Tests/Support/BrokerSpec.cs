using ActorBroker.Addresses;
using ActorBroker.Amqp.Types;
using ActorBroker.Topology;

namespace ActorBroker.Tests.Support;

/// <summary>A whole broker in the test's actor system, without sockets.</summary>
public abstract class BrokerSpec(string settings = "") : ActorSpec(settings)
{
    /// <summary>The connection that the test acts for.</summary>
    private protected const long Me = 1;

    /// <summary>Another one.</summary>
    private protected const long Other = 2;

    /// <summary>What the memory alarm sees.</summary>
    private protected FakeMemory Memory { get; } = new();

    private protected Broker Broker { get; private set; } = null!;

    private protected VirtualHost Host => Broker.FindVirtualHost("/")!;

    /// <inheritdoc/>
    public override async Task InitializeAsync() => Broker = await Soon(Broker.StartAsync(Sys, Memory), "the broker to start");

    private protected Task<QueueProtocol.QueueCounts> Declare(
        string name, bool durable = false, bool exclusive = false, bool autoDelete = false, bool passive = false, long connection = Me,
        string host = "/", params (string, object?)[] arguments) =>
        Ask(new TopologyProtocol.DeclareQueue(host, connection, name, passive, durable, exclusive, autoDelete, Tables.Of(arguments)));

    private protected async Task<QueueHandle> Queue(string name, params (string, object?)[] arguments)
    {
        await Declare(name, arguments: arguments);
        return Host.FindQueue(name)!;
    }

    private protected Task<int> DeleteQueue(string name, bool ifUnused = false, bool ifEmpty = false, long connection = Me) =>
        Ask(new TopologyProtocol.DeleteQueue("/", connection, name, ifUnused, ifEmpty));

    private protected Task<bool> Exchange(
        string name, string type = "direct", bool durable = false, bool autoDelete = false, bool isInternal = false, bool passive = false,
        params (string, object?)[] arguments) =>
        Ask(new TopologyProtocol.DeclareExchange("/", Me, name, type, passive, durable, autoDelete, isInternal, Tables.Of(arguments)));

    private protected Task<bool> DeleteExchange(string name, bool ifUnused = false) =>
        Ask(new TopologyProtocol.DeleteExchange("/", Me, name, ifUnused));

    private protected Task<bool> Bind(string exchange, string queue, string key = "", bool toQueue = true, long connection = Me, params (string, object?)[] arguments) =>
        Ask(new TopologyProtocol.Bind("/", connection, exchange, queue, toQueue, key, Tables.Of(arguments)));

    private protected Task<bool> Unbind(string exchange, string queue, string key = "") =>
        Ask(new TopologyProtocol.Unbind("/", Me, exchange, queue, true, key, FieldTable.Empty));

    private protected Task<T> Ask<T>(TopologyProtocol.Command<T> command)
    {
        Broker.Topology.Tell(command, Akka.Actor.ActorRefs.NoSender);
        return Soon(command.Reply.Task, $"the answer to {command.GetType().Name}");
    }
}
