using ActorBroker.Amqp;
using ActorBroker.Core.Security;
using ActorBroker.Core.Tests.Exchanges;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Rights that depend on what is there: decided where that is known, with the command, and by the name that is used in the end.</summary>
public sealed class AccessRulesSpec
{
    private const long Me = 1;

    private readonly TopologyState _state = new();

    public AccessRulesSpec()
    {
        Do(_state.DecideVirtualHostAdd("/"));
        Do(_state.DecideExchangeDeclare(Exchange("src")));
        Do(_state.DecideExchangeDeclare(Exchange("dst")));
        Do(_state.DecideQueueDeclare(Queue("bound"), 1, Me));
    }

    /// <summary>Each command, whether its entity is there already, and exactly the rights it needs then.</summary>
    public static TheoryData<string, bool, string[]> Commands => new()
    {
        { "queue.declare", false, ["configure queue 'q'"] },
        { "queue.declare", true, ["configure queue 'q'"] },
        { "queue.declare q\\n", false, ["configure queue 'q'"] },
        { "queue.declare with DLX", false, ["configure queue 'q'", "read queue 'q'", "write exchange 'dlx'"] },
        { "queue.declare with DLX", true, ["configure queue 'q'"] },
        { "queue.declare with DLX q\\n", false, ["configure queue 'q'", "read queue 'q'", "write exchange 'dlx'"] },
        { "queue.declare with the default exchange as DLX", false, ["configure queue 'q'", "read queue 'q'", "write exchange 'amq.default'"] },
        { "queue.declare of a name the broker made", false, ["configure queue 'amq.gen-1'"] },
        { "queue.declare passive", true, [] },
        { "queue.delete", true, ["configure queue 'q'"] },
        { "queue.delete", false, ["configure queue 'q'"] },
        { "queue.delete q\\n", true, ["configure queue 'q'"] },
        { "exchange.declare", false, ["configure exchange 'x'"] },
        { "exchange.declare", true, ["configure exchange 'x'"] },
        { "exchange.declare x\\n", false, ["configure exchange 'x'"] },
        { "exchange.declare with AE", false, ["configure exchange 'x'", "read exchange 'x'", "write exchange 'ae'"] },
        { "exchange.declare with AE", true, ["configure exchange 'x'"] },
        { "exchange.declare passive", true, [] },
        { "exchange.delete", true, ["configure exchange 'x'"] },
        { "exchange.delete", false, ["configure exchange 'x'"] },
        { "exchange.delete x\\n", true, ["configure exchange 'x'"] },
        { "queue.bind", true, ["write queue 'bound'", "read exchange 'src'"] },
        { "queue.bind b\\nound", true, ["write queue 'bound'", "read exchange 'src'"] },
        { "queue.unbind", true, ["write queue 'bound'", "read exchange 'src'"] },
        { "exchange.bind", true, ["write exchange 'dst'", "read exchange 'src'"] },
        { "exchange.unbind", true, ["write exchange 'dst'", "read exchange 'src'"] },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void Needs_exactly_these_rights(string command, bool there, string[] rights)
    {
        if (there)
        {
            Do(Decide(command, access: null));
        }

        foreach (var missing in rights)
        {
            var refusal = Assert.Throws<ChannelException>(() => Decide(command, Access(rights.Where(r => r != missing))));
            Assert.Equal($"ACCESS_REFUSED - access to {missing[(missing.IndexOf(' ') + 1)..]} in vhost '/' refused for user 'u'", refusal.ReplyText);
        }

        Decide(command, Access(rights)); // all of them and no more
    }

    [Fact]
    public void A_queue_that_was_deleted_and_is_declared_again_is_a_new_one()
    {
        var declaration = Queue("q", ("x-dead-letter-exchange", "dlx"));
        var access = Access(["configure queue 'q'"]);
        Do(_state.DecideQueueDeclare(declaration, 2, Me));
        Assert.Empty(_state.DecideQueueDeclare(declaration, 3, Me, access)); // it is there: nothing comes of its arguments
        Do(_state.DecideQueueExpired("/", "q", 2));
        Assert.Throws<ChannelException>(() => _state.DecideQueueDeclare(declaration, 3, Me, access));
    }

    [Fact]
    public void An_exclusive_queue_of_another_connection_is_locked_whatever_the_rights()
    {
        Do(_state.DecideQueueDeclare(Queue("mine") with { Exclusive = true }, 2, connectionId: 7));
        var all = new AccessControl(new User("u", null).WithPermissions("/", Permissions.All), "/");
        Assert.Equal(ReplyCode.ResourceLocked, Assert.Throws<ChannelException>(() => _state.CheckQueueDelete("/", "mine", Me, all)).Code);
        var bind = new BindingRequest("/", "src", DestinationKind.Queue, "mine", "k", RoutingBench.Table());
        Assert.Equal(ReplyCode.ResourceLocked, Assert.Throws<ChannelException>(() => _state.DecideBind(bind, Me, all)).Code);
    }

    private IReadOnlyList<ITopologyEvent> Decide(string command, AccessControl? access)
    {
        var name = command.EndsWith("\\n", StringComparison.Ordinal) ? (command.Contains("exchange.") ? "x\n" : "q\n") : command.Contains("exchange.") ? "x" : "q";
        (string, object?)[] arguments = command switch
        {
            _ when command.Contains("the default exchange") => [("x-dead-letter-exchange", "")],
            _ when command.Contains("DLX") => [("x-dead-letter-exchange", "dlx")],
            _ when command.Contains("AE") => [("alternate-exchange", "ae")],
            _ => [],
        };
        switch (command.Split(' ')[0])
        {
            case "queue.declare" when command.EndsWith("passive"):
                if (_state.FindQueue("/", name) is null)
                {
                    return _state.DecideQueueDeclare(Queue(name), 2, Me);
                }

                _state.CheckQueue("/", name, Me);
                return [];
            case "queue.declare" when command.EndsWith("made"):
                return _state.DecideQueueDeclare(Queue("amq.gen-1") with { ServerNamed = true }, 2, Me, access);
            case "queue.declare":
                return _state.DecideQueueDeclare(Queue(name, arguments), 2, Me, access);
            case "queue.delete":
                if (access is null)
                {
                    return _state.DecideQueueDeclare(Queue(name), 2, Me);
                }

                _state.CheckQueueDelete("/", name, Me, access);
                return [];
            case "exchange.declare" when command.EndsWith("passive"):
                if (_state.FindExchange("/", name) is null)
                {
                    return _state.DecideExchangeDeclare(Exchange(name));
                }

                _state.CheckExchange("/", name);
                return [];
            case "exchange.declare":
                return _state.DecideExchangeDeclare(Exchange(name, arguments), access);
            case "exchange.delete":
                return access is null ? _state.DecideExchangeDeclare(Exchange(name)) : _state.DecideExchangeDelete("/", name, false, access);
            default:
                var kind = command.StartsWith("queue") ? DestinationKind.Queue : DestinationKind.Exchange;
                var destination = kind == DestinationKind.Exchange ? "dst" : command.Contains('\\') ? "b\nound" : "bound";
                var request = new BindingRequest("/", "src", kind, destination, "k", RoutingBench.Table());
                return command.Contains("unbind") && access is not null ? _state.DecideUnbind(request, Me, access) : _state.DecideBind(request, Me, access);
        }
    }

    private void Do(IReadOnlyList<ITopologyEvent> events)
    {
        foreach (var @event in events)
        {
            _state.Apply(@event);
        }
    }

    private static AccessControl Access(IEnumerable<string> rights)
    {
        string Names(string right) => string.Join(
            '|', rights.Where(r => r.StartsWith(right)).Select(r => $"^{r.Split('\'')[1].Replace(".", "\\.")}$"));

        return new(new User("u", null).WithPermissions("/", new Permissions(Names("configure"), Names("write"), Names("read"))), "/");
    }

    private static QueueDeclaration Queue(string name, params (string, object?)[] arguments) =>
        new("/", name, Durable: false, Exclusive: false, AutoDelete: false, RoutingBench.Table(arguments));

    private static ExchangeDeclaration Exchange(string name, params (string, object?)[] arguments) =>
        new("/", name, "fanout", Durable: false, AutoDelete: false, Internal: false, RoutingBench.Table(arguments));
}
