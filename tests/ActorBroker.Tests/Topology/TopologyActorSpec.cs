using ActorBroker.Addresses;
using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Tests.Support;
using ActorBroker.Topology;
using Akka.Actor;

namespace ActorBroker.Tests.Topology;

/// <summary>Declare, bind, delete: each is answered when it can be seen.</summary>
public sealed class TopologyActorSpec() : BrokerSpec("""actor-broker.vhosts = ["/", "other"]""")
{
    private readonly Publisher _publisher = new();

    [Fact]
    public async Task A_declared_queue_can_be_seen_and_published_to_when_the_answer_is_there()
    {
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 0), await Declare("q"));
        Assert.Equal(["q"], Route("", "q"));
        Assert.Empty(await Soon(_publisher.Publish(Host.FindQueue("q")!, 1, 2), "the confirm"));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 2, 0, 0), await Declare("q"));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 2, 0, 0), await Declare("q", passive: true));
    }

    [Fact]
    public async Task A_queue_without_a_name_gets_one_of_the_brokers()
    {
        var (first, second) = ((await Declare("")).Name, (await Declare("")).Name);
        Assert.NotEqual(first, second);
        Assert.All(new[] { first, second }, name => Assert.Matches("^amq\\.gen-[A-Za-z0-9_-]{22}$", name));
        Assert.NotNull(Host.FindQueue(first));
    }

    [Fact]
    public async Task Line_feeds_in_names_are_dropped()
    {
        Assert.Equal("ab", (await Declare("a\r\nb")).Name);
        Assert.Equal("ab", (await Declare("\nab", passive: true)).Name);
        await Exchange("e\n");
        await Bind("\re", "a\nb", "key");
        Assert.Equal(["ab"], Route("e", "key"));
        Assert.Equal(0, await DeleteQueue("a\nb"));
        Assert.Null(Host.FindQueue("ab"));
        await DeleteExchange("\ne");
        Assert.Null(Host.FindExchange("e"));
    }

    [Fact]
    public async Task Refusals_come_with_their_texts()
    {
        await Declare("q", durable: true);
        await Refused("NOT_FOUND - no queue 'nope' in vhost '/'", Declare("nope", passive: true));
        await Refused("NOT_FOUND - no exchange 'nope' in vhost '/'", Exchange("nope", passive: true));
        await Refused(
            "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'", Declare("q"));
        await Refused("NOT_FOUND - no exchange 'nope' in vhost '/'", Bind("nope", "q"));
        await Refused("NOT_FOUND - no queue 'nope' in vhost '/'", Bind("amq.direct", "nope"));
        await Refused("ACCESS_REFUSED - operation not permitted on the default exchange", Bind("", "q"));
        await Refused("ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'", Declare("amq.mine"));
        var vhost = await Assert.ThrowsAsync<ConnectionException>(() => Declare("q", host: "nowhere"));
        Assert.Equal("NOT_ALLOWED - vhost nowhere not found", vhost.ReplyText);
    }

    [Fact]
    public async Task Bindings_come_and_go()
    {
        await Exchange("e", "topic");
        await Declare("q");
        await Bind("e", "q", "a.*");
        await Bind("e", "q", "a.*"); // the same again
        Assert.Equal(["q"], Route("e", "a.b"));
        await Unbind("e", "q", "nothing such");
        await Unbind("e", "q", "a.*");
        Assert.Empty(Route("e", "a.b"));
    }

    [Fact]
    public async Task An_exchange_can_lead_to_an_exchange()
    {
        await Exchange("first", "fanout");
        await Exchange("second", "direct");
        await Declare("q");
        await Bind("first", "second", "", toQueue: false);
        await Bind("second", "q", "key");
        Assert.Equal(["q"], Route("first", "key"));
        await DeleteExchange("second");
        Assert.Empty(Route("first", "key"));
    }

    [Fact]
    public async Task A_deleted_queue_is_off_every_table_when_the_answer_is_there()
    {
        await Exchange("e", "fanout", autoDelete: true);
        var queue = await Queue("q");
        await Bind("e", "q");
        await Soon(_publisher.Publish(queue, 1, 2, 3), "the confirm");
        await Refused("PRECONDITION_FAILED - queue 'q' in vhost '/' not empty", DeleteQueue("q", ifEmpty: true));

        Assert.Equal(3, await DeleteQueue("q"));
        Assert.Null(Host.FindQueue("q"));
        Assert.Empty(Route("", "q"));
        Assert.Null(Host.FindExchange("e")); // its last binding is gone
        Assert.Equal(0, await DeleteQueue("q"));
    }

    [Fact]
    public async Task A_queue_that_is_declared_again_is_another_one()
    {
        var old = await Queue("q");
        await Soon(_publisher.Publish(old, 1), "the confirm");
        await DeleteQueue("q");
        var next = await Queue("q");
        Assert.NotSame(old, next);
        Assert.Equal(0, (await Declare("q")).Ready);
        Assert.Empty(await Soon(_publisher.Publish(old, 2), "the confirm of a publish by an old route"));
        Assert.Equal(1, (await Declare("q")).Ready); // routed again
    }

    [Fact]
    public async Task Declared_by_many_at_once_it_is_one_queue()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Declare("q", connection: i)));
        Assert.All(counts, c => Assert.Equal("q", c.Name));
        Assert.Single(Host.Queues);
    }

    [Fact]
    public async Task Declared_and_deleted_in_a_tight_loop_it_is_always_answered()
    {
        var loops = Enumerable.Range(0, 4).Select(async i =>
        {
            for (var n = 0; n < 100; n++)
            {
                await Declare("q", connection: i);
                await DeleteQueue("q", connection: i);
            }
        });
        await Task.WhenAll(loops);
        Assert.Null(Host.FindQueue("q"));
        await Declare("q");
        Assert.NotNull(Host.FindQueue("q"));
    }

    [Fact]
    public async Task An_exclusive_queue_is_for_its_connection_and_goes_with_it()
    {
        await Exchange("e", "fanout");
        await Declare("mine", exclusive: true);
        await Declare("mine too", exclusive: true);
        await Declare("all");
        await Declare("theirs", exclusive: true, connection: Other);
        await Bind("e", "mine");
        var locked = await Assert.ThrowsAsync<ChannelException>(() => Declare("mine", passive: true, connection: Other));
        Assert.StartsWith("RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine' in vhost '/'.", locked.ReplyText);
        await Assert.ThrowsAsync<ChannelException>(() => Bind("e", "mine", connection: Other));
        await Assert.ThrowsAsync<ChannelException>(() => DeleteQueue("mine", connection: Other));
        Assert.Throws<ChannelException>(() => Host.FindQueue("mine")!.CheckAccess(Other));
        Host.FindQueue("mine")!.CheckAccess(Me);

        await Ask(new TopologyProtocol.ConnectionGone("/", Me));
        Assert.Equal(["all", "theirs"], Host.Queues.Select(q => q.Name).Order());
        Assert.Empty(Route("e", ""));
        await Ask(new TopologyProtocol.ConnectionGone("/", Me)); // nothing left to do
    }

    [Fact]
    public async Task A_queue_that_ends_by_itself_is_off_the_tables_too()
    {
        await Exchange("e", "fanout");
        await Declare("q", arguments: ("x-expires", 1000));
        await Bind("e", "q");
        Pass(TimeSpan.FromSeconds(1));
        await AwaitConditionAsync(() => Task.FromResult(Host.FindQueue("q") is null), Patience, TimeSpan.FromMilliseconds(10), message: "the queue is still there");
        Assert.Empty(Route("e", ""));
        Assert.Equal(new QueueProtocol.QueueCounts("q", 0, 0, 0), await Declare("q"));
    }

    [Fact]
    public async Task Virtual_hosts_have_names_of_their_own()
    {
        await Declare("q");
        await Declare("q", host: "other");
        var other = Broker.FindVirtualHost("other")!;
        Assert.NotSame(Host.FindQueue("q"), other.FindQueue("q"));
        await DeleteQueue("q");
        Assert.NotNull(other.FindQueue("q"));
        Assert.Null(Broker.FindVirtualHost("nowhere"));
        foreach (var name in new[] { "", "amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match" })
        {
            Assert.NotNull(Host.FindExchange(name));
            Assert.NotNull(other.FindExchange(name));
        }
    }

    [Fact]
    public async Task A_fault_in_one_request_refuses_it_and_nothing_is_lost()
    {
        var queue = await Queue("q");
        await Soon(_publisher.Publish(queue, 1), "the confirm");
        var fault = await Assert.ThrowsAsync<ConnectionException>(() => Declare(null!));
        Assert.Equal(ReplyCode.InternalError, fault.Code);
        ExpectError("topology");

        Assert.Same(queue, Host.FindQueue("q"));
        Assert.Equal(1, (await Declare("q")).Ready);
        Assert.Empty(await Soon(_publisher.Publish(queue, 2), "the confirm"));
    }

    [Fact]
    public async Task A_queue_whose_actor_fails_keeps_its_messages_and_an_exchange_its_bindings()
    {
        var queue = await Queue("q");
        await Exchange("e", "fanout");
        await Bind("e", "q");
        await Soon(_publisher.Publish(queue, 1), "the confirm");
        queue.Actor.Tell(Kill.Instance);
        Host.FindExchange("e")!.Actor.Tell(Kill.Instance);
        Assert.Equal(1, (await Declare("q")).Ready);
        Assert.Equal(["q"], Route("e", ""));
        await Declare("q2");
        await Bind("e", "q2");
        Assert.Equal(["q", "q2"], Route("e", "").Order());
    }

    private static async Task Refused(string text, Task request) =>
        Assert.Equal(text, (await Assert.ThrowsAsync<ChannelException>(() => request)).ReplyText);

    private string[] Route(string exchange, string key)
    {
        var result = new RouteResult();
        Router.Route(Host.FindExchange(exchange)!, new RoutingInput(System.Text.Encoding.UTF8.GetBytes(key)), Host, result);
        return [.. result.Queues.ToArray().Select(q => q.Name)];
    }
}
