using ActorBroker.Durability.Tests.Running;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>Consumes one queue with manual acknowledgements, in the manners of that queue.</summary>
internal sealed class CrashConsumer(int number, CrashQueue queue, int port, Lives lives, History history, int seed)
    : CrashClient($"consumer {number} of {queue.Name}", port, lives, history)
{
    private const ushort Prefetch = 50;
    private const int CutOnce = 1500; // deliveries
    private static readonly TimeSpan HeardOfAfter = TimeSpan.FromSeconds(5);

    private readonly Random _random = new(seed);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<(ulong Tag, MessageId Id)> _held = [];
    private readonly Queue<(TimeSpan At, MessageId Id)> _settled = [];
    private IChannel? _channel;
    private TaskCompletionSource _leaves = new();
    private int _life;
    private int _patience = 1;
    private volatile bool _draining;

    /// <summary>From now on everything is acknowledged at once, what it holds as well.</summary>
    public async Task Drain()
    {
        _draining = true;
        await _turn.WaitAsync();
        try
        {
            if (_channel is { IsOpen: true } channel)
            {
                await SettleHeld(channel, Step.Acked);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task Serve(IChannel channel, int life, CancellationToken stop)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await _turn.WaitAsync(stop);
        (_channel, _life) = (channel, life);
        _held.Clear();
        _settled.Clear();
        var leaves = _leaves = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _turn.Release();

        await channel.BasicQosAsync(0, Prefetch, global: false, stop);
        var tag = await channel.BasicConsumeAsync(queue.Name, autoAck: false, new Deliveries(this, channel, life), stop);
        ServedIn = life;
        Doing = $"consumes in life {life}";
        if (channel.IsOpen)
        {
            await Task.WhenAny(closed.Task, leaves.Task).WaitAsync(stop);
        }

        if (leaves.Task.IsCompleted && channel.IsOpen)
        {
            if (_random.Next(2) == 0 && !DurableBroker.IsReference) // RabbitMQ 3.10.8 loses the queue when something is published now
            {
                await channel.BasicCancelAsync(tag, noWait: false, stop);
            }

            await channel.CloseAsync(stop);
        }
    }

    /// <summary>What it holds goes back; what is on its way here was never seen.</summary>
    private void Leave()
    {
        Note([.. _held], Step.Left);
        _held.Clear();
        _channel = null;
        _leaves.TrySetResult();
    }

    /// <summary>The same, without a word to the server: it may not have heard of the last settlements.</summary>
    private void BreakOff()
    {
        Note([.. _held], Step.Left);
        foreach (var (_, id) in _settled.Where(s => History.Now - s.At < HeardOfAfter))
        {
            History.Note(queue.Name, Step.Unsure, id, number, _life);
        }

        _held.Clear();
        _channel = null;
        History.NoteCut(queue.Name, _life);
        Cut();
    }

    private async Task Take(IChannel channel, int life, ulong tag, bool redelivered, ReadOnlyMemory<byte> body)
    {
        var (id, intact) = CrashBody.Read(body.Span);
        if (!intact)
        {
            History.Surprise($"{Name}: {id} in life {life} has another body ({body.Length} bytes)");
        }

        var pause = 0;
        await _turn.WaitAsync();
        try
        {
            if (life == _life && channel != _channel)
            {
                return; // it has left this channel
            }

            History.Note(queue.Name, redelivered ? Step.Redelivered : Step.Delivered, id, number, life);
            if (life != _life)
            {
                return; // it came from a server that is dead by now, and was read late
            }

            _held.Add((tag, id));
            pause = _draining || _random.Next(200) > 0 ? 0 : _random.Next(40); // slow at times: backlogs come and go
            await Decide(channel);
            if (queue.SingleActive && !_draining && _random.Next(100) == 0)
            {
                Leave();
            }
            else if (!_draining && _random.Next(CutOnce) == 0)
            {
                BreakOff();
            }
        }
        finally
        {
            _turn.Release();
        }

        if (pause > 0)
        {
            await Task.Delay(pause);
        }
    }

    private async Task Decide(IChannel channel)
    {
        if (_draining)
        {
            await SettleHeld(channel, Step.Acked);
            return;
        }

        switch (queue.Manners)
        {
            case Manners.Requeue when _random.Next(10) == 0:
                await SettleHeld(channel, Step.Requeued);
                break;
            case Manners.Reject when _random.Next(3) == 0:
                await SettleHeld(channel, Step.Rejected);
                break;
            case Manners.AckMany when _held.Count >= _patience:
                _patience = _random.Next(1, Prefetch / 2);
                await SettleHeld(channel, _random.Next(20) == 0 ? Step.Requeued : Step.Acked);
                break;
            case Manners.AckMany:
                break;
            default:
                await SettleHeld(channel, Step.Acked);
                break;
        }
    }

    /// <summary>
    /// A requeue is noted before it is sent, since the message may be at another consumer before the call returns;
    /// the rest only after, since what was not sent is not settled.
    /// </summary>
    private async Task SettleHeld(IChannel channel, Step step)
    {
        if (_held.Count == 0)
        {
            return;
        }

        var (held, last, multiple) = (_held.ToArray(), _held[^1].Tag, _held.Count > 1);
        _held.Clear();
        if (step == Step.Requeued)
        {
            Note(held, step);
            await channel.BasicNackAsync(last, multiple, requeue: true);
            return;
        }

        await (step == Step.Acked
            ? channel.BasicAckAsync(last, multiple)
            : channel.BasicNackAsync(last, multiple, requeue: false));
        Note(held, step);
        while (_settled.TryPeek(out var oldest) && History.Now - oldest.At > HeardOfAfter)
        {
            _settled.Dequeue();
        }

        foreach (var (_, id) in held)
        {
            _settled.Enqueue((History.Now, id));
        }
    }

    private void Note((ulong Tag, MessageId Id)[] held, Step step)
    {
        foreach (var (_, id) in held)
        {
            History.Note(queue.Name, step, id, number, _life);
        }
    }

    private sealed class Deliveries(CrashConsumer owner, IChannel channel, int life) : AsyncDefaultBasicConsumer(channel)
    {
        public override async Task HandleBasicDeliverAsync(
            string consumerTag,
            ulong deliveryTag,
            bool redelivered,
            string exchange,
            string routingKey,
            IReadOnlyBasicProperties properties,
            ReadOnlyMemory<byte> body,
            CancellationToken cancellationToken = default) =>
            await owner.Take(Channel, life, deliveryTag, redelivered, body);
    }
}
