using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Client;

/// <summary>What a caller gives that cannot be is told at once, and which argument it was: never an internal error of the broker.</summary>
public sealed class ArgumentsSpec : BrokerSpec
{
    private static readonly string[] Bad = [null!, new string('é', 128), "half \ud800"];

    private static readonly Dictionary<string, Func<IBroker, string, Task>> Words = new()
    {
        ["DeclareExchange exchange"] = (b, x) => b.DeclareExchangeAsync(x),
        ["DeclareExchange type"] = (b, x) => b.DeclareExchangeAsync("e", x),
        ["DeleteExchange exchange"] = (b, x) => b.DeleteExchangeAsync(x),
        ["DeclareQueue queue"] = (b, x) => b.DeclareQueueAsync(x),
        ["InspectQueue queue"] = (b, x) => b.InspectQueueAsync(x),
        ["DeleteQueue queue"] = (b, x) => b.DeleteQueueAsync(x),
        ["PurgeQueue queue"] = (b, x) => b.PurgeQueueAsync(x),
        ["BindQueue queue"] = (b, x) => b.BindQueueAsync(x, "e"),
        ["BindQueue exchange"] = (b, x) => b.BindQueueAsync("q", x),
        ["BindQueue bindingKey"] = (b, x) => b.BindQueueAsync("q", "e", x),
        ["UnbindQueue queue"] = (b, x) => b.UnbindQueueAsync(x, "e"),
        ["UnbindQueue exchange"] = (b, x) => b.UnbindQueueAsync("q", x),
        ["UnbindQueue bindingKey"] = (b, x) => b.UnbindQueueAsync("q", "e", x),
        ["BindExchange destination"] = (b, x) => b.BindExchangeAsync(x, "e"),
        ["BindExchange source"] = (b, x) => b.BindExchangeAsync("e", x),
        ["BindExchange bindingKey"] = (b, x) => b.BindExchangeAsync("e", "f", x),
        ["UnbindExchange destination"] = (b, x) => b.UnbindExchangeAsync(x, "e"),
        ["UnbindExchange source"] = (b, x) => b.UnbindExchangeAsync("e", x),
        ["UnbindExchange bindingKey"] = (b, x) => b.UnbindExchangeAsync("e", "f", x),
        ["Publish exchange"] = (b, x) => b.PublishAsync(x, "k", default),
        ["Publish routingKey"] = (b, x) => b.PublishAsync("", x, default),
        ["Get queue"] = (b, x) => b.GetAsync(x),
        ["Consume queue"] = (b, x) => b.ConsumeAsync(x, _ => Task.CompletedTask),
        ["ConsumeByActor queue"] = (b, x) => b.ConsumeAsync(x, ActorRefs.Nobody),
        ["Request exchange"] = (b, x) => b.RequestAsync(x, "k", default),
        ["Request routingKey"] = (b, x) => b.RequestAsync("", x, default),
    };

    public static TheoryData<string> All => [.. Words.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_name_that_cannot_be_is_told_by_its_argument(string word)
    {
        foreach (var bad in Bad)
        {
            var told = await Assert.ThrowsAnyAsync<ArgumentException>(() => Words[word](Broker.Client, bad));
            Assert.Equal(word.Split(' ')[1], told.ParamName);
        }
    }

    [Fact]
    public async Task So_is_everything_else()
    {
        var client = Broker.Client;
        await Told("handler", () => client.ConsumeAsync("q", (Func<Delivery, Task>)null!));
        await Told("handler", () => client.ConsumeAsync("q", (Func<Delivery, CancellationToken, Task>)null!));
        await Told("consumer", () => client.ConsumeAsync("q", (IActorRef)null!));
        await Told("timeout", () => client.RequestAsync("", "q", default, timeout: TimeSpan.FromSeconds(-1)));
        await Told("virtualHost", () => Task.FromResult(Broker.Open(null!)));
        await Told("virtualHost", () => Task.FromResult(Broker.Open("")));
        await Told("system", () => Task.FromResult(Broker.For(null!)));
        await Told("system", () => Broker.StartAsync(null!));
        await Told("patience", () => Broker.StopAsync(TimeSpan.FromSeconds(-1)));
        await Told("own", () => Task.FromResult(Broker.ConfigOf(null!)));
        var options = new ActorBrokerOptions();
        await Told("directory", () => Task.FromResult(options.UseSqlite(null!)));
        await Told("connectionString", () => Task.FromResult(options.UsePostgres("")));
        await Told("name", () => Task.FromResult(options.UseMemory(null!)));
        await Told("name", () => Task.FromResult(options.User(null!, "x")));
        await Told("password", () => Task.FromResult(options.User("x", null!)));
        await Told("read", () => Task.FromResult(options.User("x", "y", u => u.Permissions("/", read: null!))));
        await Told("hocon", () => Task.FromResult(options.Configure(null!)));
        await Told("topology", () => Task.FromResult(options.Declare(null!)));
        var topology = new BrokerTopology();
        await Told("name", () => Task.FromResult(topology.Exchange(null!)));
        await Told("type", () => Task.FromResult(topology.Exchange("e", null!)));
        await Told("name", () => Task.FromResult(topology.Queue(null!)));
        await Told("exchange", () => Task.FromResult(topology.Bind(null!, "q")));
        await Told("queue", () => Task.FromResult(topology.Bind("e", null!)));
        await Told("bindingKey", () => Task.FromResult(topology.Bind("e", "q", null!)));
        await Told("source", () => Task.FromResult(topology.BindExchange(null!, "q")));
        await Told("destination", () => Task.FromResult(topology.BindExchange("e", null!)));
        await Told("broker", () => topology.DeclareAsync(null!));
    }

    private static async Task Told(string argument, Func<Task> act) =>
        Assert.Equal(argument, (await Assert.ThrowsAnyAsync<ArgumentException>(act)).ParamName);
}
