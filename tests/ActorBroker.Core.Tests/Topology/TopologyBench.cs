using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>A topology with one virtual host, and short words for what clients ask of it.</summary>
internal sealed class TopologyBench
{
    public const long Me = 1;
    public const long Other = 2;

    private long _uid;

    public TopologyBench(bool strict = false)
    {
        State = new TopologyState(strict);
        Do(State.DecideVirtualHostAdd("/"));
    }

    public TopologyState State { get; }

    public List<ITopologyEvent> Happened { get; } = [];

    public IReadOnlyList<ITopologyEvent> Do(IReadOnlyList<ITopologyEvent> decision)
    {
        foreach (var e in decision)
        {
            State.Apply(e);
            Happened.Add(e);
        }

        return decision;
    }

    public IReadOnlyList<ITopologyEvent> Exchange(
        string name,
        string type = "direct",
        bool durable = false,
        bool autoDelete = false,
        bool isInternal = false,
        params (string, object?)[] arguments) =>
        Do(State.DecideExchangeDeclare(
            new ExchangeDeclaration("/", name, type, durable, autoDelete, isInternal, Table(arguments))));

    public IReadOnlyList<ITopologyEvent> Queue(
        string name,
        bool durable = false,
        bool exclusive = false,
        bool autoDelete = false,
        long connection = Me,
        params (string, object?)[] arguments) =>
        Do(State.DecideQueueDeclare(
            new QueueDeclaration("/", name, durable, exclusive, autoDelete, Table(arguments)), ++_uid, connection));

    public IReadOnlyList<ITopologyEvent> Bind(
        string exchange, string queue, string key = "", long connection = Me, params (string, object?)[] arguments) =>
        Do(State.DecideBind(Request(exchange, DestinationKind.Queue, queue, key, arguments), connection));

    public IReadOnlyList<ITopologyEvent> Unbind(
        string exchange, string queue, string key = "", long connection = Me, params (string, object?)[] arguments) =>
        Do(State.DecideUnbind(Request(exchange, DestinationKind.Queue, queue, key, arguments), connection));

    public IReadOnlyList<ITopologyEvent> BindExchange(string source, string destination, string key = "") =>
        Do(State.DecideBind(Request(source, DestinationKind.Exchange, destination, key), Me));

    public IReadOnlyList<ITopologyEvent> UnbindExchange(string source, string destination, string key = "") =>
        Do(State.DecideUnbind(Request(source, DestinationKind.Exchange, destination, key), Me));

    public static void Refused(string replyText, Func<object?> request)
    {
        var refusal = Assert.Throws<ChannelException>(request);
        Assert.Equal(replyText, refusal.Message); // ReplyText may be cut
    }

    public static FieldTable Table(params (string Name, object? Value)[] fields) =>
        new(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));

    private static BindingRequest Request(
        string source, DestinationKind kind, string destination, string key, params (string, object?)[] arguments) =>
        new("/", source, kind, destination, key, Table(arguments));
}
