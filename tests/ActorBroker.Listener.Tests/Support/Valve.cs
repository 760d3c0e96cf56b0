using ActorBroker.Addresses;
using Akka.Actor;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>Stands before a queue's actor and holds all that is told to it until it is opened: a queue that is slow.</summary>
public sealed class Valve
{
    private readonly IActorRef _keeper;
    private long _heldBytes;

    private Valve(ActorSystem system, IActorRef queue) => _keeper = system.ActorOf(Props.Create(() => new Keeper(this, queue)));

    /// <summary>Bytes of messages that wait before the queue.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Puts a closed valve before a queue.</summary>
    public static Valve Before(Broker broker, string queue)
    {
        var handle = broker.FindVirtualHost("/")!.FindQueue(queue)!;
        var valve = new Valve(broker.System, handle.Actor);
        handle.ServedBy(valve._keeper);
        return valve;
    }

    /// <summary>Lets everything through, now and later.</summary>
    public void Open() => _keeper.Tell(Opening.Instance);

    private sealed class Keeper(Valve valve, IActorRef queue) : UntypedActor
    {
        private readonly Queue<(object Message, IActorRef Sender)> _held = new();
        private bool _isOpen;

        protected override void OnReceive(object message)
        {
            if (message is Opening)
            {
                _isOpen = true;
                while (_held.TryDequeue(out var held))
                {
                    queue.Tell(held.Message, held.Sender);
                }
            }
            else if (_isOpen)
            {
                queue.Tell(message, Sender);
            }
            else
            {
                Interlocked.Add(ref valve._heldBytes, (message as EnqueueBatch)?.Bytes ?? 0);
                _held.Enqueue((message, Sender));
            }
        }
    }

    private sealed class Opening
    {
        public static readonly Opening Instance = new();
    }
}
