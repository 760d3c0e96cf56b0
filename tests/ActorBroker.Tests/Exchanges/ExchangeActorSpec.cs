using ActorBroker.Addresses;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Exchanges;
using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.TestKit;

namespace ActorBroker.Tests.Exchanges;

/// <summary>An exchange as an actor: it owns its bindings, and routes what comes from inside the process.</summary>
public sealed class ExchangeActorSpec : ActorSpec
{
    private readonly VirtualHost _host = new("/");

    [Fact]
    public async Task Bind_and_unbind_are_answered_when_every_channel_can_see_them()
    {
        var (exchange, actor) = Start(ExchangeType.Direct);
        var (queue, _) = Queue("q");
        Assert.Empty(Route(exchange, "key"));
        var version = exchange.Version;

        await Wire(actor, visible => new ExchangeProtocol.Bind("key", FieldTable.Empty, queue, visible));
        Assert.Equal(["q"], Route(exchange, "key"));
        Assert.True(exchange.Version > version, "routes that channels remember are stale");
        version = exchange.Version;

        await Wire(actor, visible => new ExchangeProtocol.Unbind("key", FieldTable.Empty, queue, visible));
        Assert.Empty(Route(exchange, "key"));
        Assert.True(exchange.Version > version, "routes that channels remember are stale");
    }

    [Fact]
    public async Task Publishes_a_batch_by_the_same_table_one_tell_per_queue()
    {
        var (_, actor) = Start(ExchangeType.Topic);
        var (all, allProbe) = Queue("all");
        var (some, someProbe) = Queue("some");
        await Wire(actor, visible => new ExchangeProtocol.Bind("#", FieldTable.Empty, all, visible));
        await Wire(actor, visible => new ExchangeProtocol.Bind("a.*", FieldTable.Empty, some, visible));

        var confirm = new Confirm { Last = 3 };
        actor.Tell(new ExchangeProtocol.PublishBatch([Message(1, "a.b"), Message(2, "b"), Message(3, "a.c")], confirm));
        Assert.Equal([1, 2, 3], Numbers(allProbe));
        Assert.False(confirm.IsComplete);
        Assert.Equal([1, 3], Numbers(someProbe));
        Assert.Empty(await Soon(confirm.Answer, "the confirm of the batch"));
    }

    [Fact]
    public async Task A_message_that_no_queue_wants_is_let_go_and_the_batch_is_confirmed()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        slab.Give();
        var message = Message(1, "nowhere");
        message.Owner = slab;
        var (_, actor) = Start(ExchangeType.Direct);
        var confirm = new Confirm();
        actor.Tell(new ExchangeProtocol.PublishBatch([message], confirm));
        Assert.Empty(await Soon(confirm.Answer, "the confirm of the batch"));
        Assert.Equal(bias - 1, slab.References);
        slab.Retire();
    }

    [Fact]
    public async Task Routes_by_headers_and_by_further_keys()
    {
        var (_, byHeaders) = Start(ExchangeType.Headers);
        var (_, byKey) = Start(ExchangeType.Direct);
        var (queue, probe) = Queue("q");
        await Wire(byHeaders, visible => new ExchangeProtocol.Bind("", Tables.Of(("colour", "red")), queue, visible));
        await Wire(byKey, visible => new ExchangeProtocol.Bind("copy", FieldTable.Empty, queue, visible));

        byHeaders.Tell(new ExchangeProtocol.PublishBatch([Message(1, "x", ("colour", "red")), Message(2, "x", ("colour", "blue"))], null));
        Assert.Equal([1], Numbers(probe));
        byKey.Tell(new ExchangeProtocol.PublishBatch([Message(3, "x", ("CC", new object?[] { "copy" }))], null));
        Assert.Equal([3], Numbers(probe));
    }

    [Fact]
    public async Task The_publisher_hears_which_messages_a_queue_refused()
    {
        var (_, actor) = Start(ExchangeType.Fanout);
        var (queue, probe) = Queue("q");
        await Wire(actor, visible => new ExchangeProtocol.Bind("", FieldTable.Empty, queue, visible));
        var confirm = new Confirm(first: 10) { Last = 12 };
        actor.Tell(new ExchangeProtocol.PublishBatch([Message(1, ""), Message(2, ""), Message(3, "")], confirm));
        var batch = probe.ExpectMsg<EnqueueBatch>();
        confirm.Nack(batch.TagOf(1));
        batch.Answer();
        ulong[] refused = await Soon(confirm.Answer, "the confirm of the batch");
        Assert.Equal(11UL, Assert.Single(refused));
    }

    [Fact]
    public async Task A_fault_in_one_message_refuses_that_one_and_the_others_go_their_way()
    {
        var (_, actor) = Start(ExchangeType.Fanout);
        var (queue, probe) = Queue("q");
        await Wire(actor, visible => new ExchangeProtocol.Bind("", FieldTable.Empty, queue, visible));
        var confirm = new Confirm { Last = 3 };
        actor.Tell(new ExchangeProtocol.PublishBatch([Message(1, ""), Publisher.Malformed(2), Message(3, "")], confirm));
        Assert.Equal([1, 3], Numbers(probe));
        ulong[] refused = await Soon(confirm.Answer, "the confirm of the batch");
        Assert.Equal(2UL, Assert.Single(refused));
        ExpectError("exchange 'e' in vhost '/'");
    }

    private (ExchangeHandle Handle, IActorRef Actor) Start(ExchangeType type)
    {
        var handle = new ExchangeHandle("/", "e", type, isInternal: false, alternateExchange: null);
        return (handle, Sys.ActorOf(ExchangeActor.Props(handle, _host)));
    }

    private (QueueHandle Handle, TestProbe Probe) Queue(string name)
    {
        var probe = CreateTestProbe();
        var handle = QueueHandle.ForReplies("/", name);
        handle.ServedBy(probe.Ref);
        return (handle, probe);
    }

    private static async Task Wire(IActorRef actor, Func<Completion, object> message)
    {
        var visible = new TaskCompletionSource();
        actor.Tell(message(new Completion(1, visible.SetResult)));
        await Soon(visible.Task, "the binding to be visible");
    }

    private static Message Message(int number, string key, params (string, object?)[] headers) =>
        Publisher.Numbered(number, headers.Length == 0 ? null : new BasicProperties { Headers = Tables.Of(headers) }, "e", key);

    private string[] Route(ExchangeHandle exchange, string key)
    {
        var result = new RouteResult();
        Router.Route(exchange, new RoutingInput(System.Text.Encoding.UTF8.GetBytes(key)), _host, result);
        return [.. result.Queues.ToArray().Select(q => q.Name)];
    }

    private static int[] Numbers(TestProbe probe)
    {
        var batch = probe.ExpectMsg<EnqueueBatch>();
        int[] numbers = [.. batch.Messages.ToArray().Select(m => Publisher.NumberOf(m))];
        batch.Answer();
        return numbers;
    }
}
