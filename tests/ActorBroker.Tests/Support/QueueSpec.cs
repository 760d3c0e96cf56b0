using ActorBroker.Addresses;
using ActorBroker.Consumers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Queues;
using ActorBroker.Core.Topology;
using ActorBroker.Queues;
using ActorBroker.Topology;
using Akka.Actor;
using Akka.TestKit;

namespace ActorBroker.Tests.Support;

/// <summary>Single queue actors and who speaks for those that have ended, with probes in place of the topology and of consumer actors.</summary>
public abstract class QueueSpec : ActorSpec
{
    private long _uid;

    protected QueueSpec()
    {
        Topology = CreateTestProbe("topology");
        Sys.ActorOf(Props.Create(() => new LostMessagesActor(() => Topology.Ref)));
    }

    private protected Publisher Publisher { get; } = new();

    private protected FakeEndpoint Endpoint { get; } = new();

    /// <summary>Stands for the topology.</summary>
    private protected TestProbe Topology { get; }

    private protected QueueHandle Start(string name = "q", bool autoDelete = false, params (string, object?)[] arguments)
    {
        var parsed = QueueArguments.Parse(Tables.Of(arguments), name, "/");
        var handle = new QueueHandle(new QueueDefinition("/", name, ++_uid, Durable: false, autoDelete, ExclusiveOwner: null, parsed));
        handle.ServedBy(Sys.ActorOf(QueueActor.Props(handle, Topology.Ref, new VirtualHost("/"))));
        return handle;
    }

    /// <summary>A consumer whose actor is a probe; not subscribed yet.</summary>
    private protected (ConsumerLink Link, TestProbe Actor) Link(
        QueueHandle queue, int prefetch = 0, bool noAck = false, bool exclusive = false, bool getsOnly = false, ChannelGate? gate = null)
    {
        var actor = CreateTestProbe();
        return (new ConsumerLink(queue, Endpoint, "tag", noAck, exclusive, prefetch, 0, getsOnly, gate) { Actor = actor.Ref }, actor);
    }

    /// <summary>A consumer that the queue has let in.</summary>
    private protected (ConsumerLink Link, TestProbe Actor) Consume(QueueHandle queue, int prefetch = 0, bool noAck = false, bool exclusive = false)
    {
        var (link, actor) = Link(queue, prefetch, noAck, exclusive);
        queue.Actor.Tell(new QueueProtocol.Subscribe(link));
        actor.ExpectMsg<QueueProtocol.Subscribed>();
        return (link, actor);
    }

    /// <summary>The next batch: its messages, one by one, each with its number.</summary>
    private protected static string[] Batch(TestProbe consumer)
    {
        var batch = consumer.ExpectMsg<ConsumerProtocol.DeliveryBatch>();
        var number = batch.FirstNumber;
        var all = new List<string>();
        foreach (ref readonly var message in batch.Messages)
        {
            all.Add($"#{number++}: {Publisher.NumberOf(message)}{(message.Redelivered ? " again" : "")}");
        }

        batch.Free();
        return [.. all];
    }

    private protected static void Settle(ConsumerLink link, Outcome outcome, params long[] numbers)
    {
        var settle = new QueueProtocol.Settle(link.Queue);
        foreach (var number in numbers)
        {
            settle.Add(link, number, outcome);
        }

        link.Queue.Actor.Tell(settle);
    }

    /// <summary>Depth and consumers, once everything that was told before is done. Counts as a use of the queue.</summary>
    private protected static Task<QueueProtocol.QueueCounts> Counts(QueueHandle queue)
    {
        var declare = new TopologyProtocol.DeclareQueue("/", 1, queue.Name, true, false, false, false, Amqp.Types.FieldTable.Empty);
        queue.Actor.Tell(new QueueProtocol.Inspect(declare, declare.Reply));
        return Soon(declare.Reply.Task, $"the counts of {queue.Description}");
    }

    private protected static Task<QueueProtocol.GetResult> Get(ConsumerLink holder)
    {
        var reply = new Reply<QueueProtocol.GetResult>();
        holder.Queue.Actor.Tell(new QueueProtocol.Get(holder, reply));
        return Soon(reply.Task, "the answer to a get");
    }

    private protected static Task<int> Delete(QueueHandle queue, bool ifUnused = false, bool ifEmpty = false)
    {
        var reply = new Reply<int>();
        queue.Actor.Tell(new QueueProtocol.Delete(ifUnused, ifEmpty, reply));
        return reply.Task;
    }
}
