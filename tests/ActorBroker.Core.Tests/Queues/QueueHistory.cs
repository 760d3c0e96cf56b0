using System.Buffers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Queues;

namespace ActorBroker.Core.Tests.Queues;

/// <summary>Plays a history on the real queue and on the model, and compares them after each step.</summary>
internal sealed partial class QueueHistory
{
    private const int Channels = 2;

    private readonly QueueLimits _limits;
    private readonly int _mostConsumers;
    private readonly QueueState _state;
    private readonly QueueModel _model;
    private readonly DyingSlab _slab = new();
    private readonly ChannelGate[] _gates = [new(), new()];
    private readonly int[] _gateLimits = new int[Channels];
    private readonly bool[] _paused = new bool[Channels];
    private readonly List<QueueConsumer> _touched = [];
    private readonly Queue<(ChannelGate Gate, object Link)> _told = []; // a place is kept for them, and their queue is told
    private readonly List<Leaving> _leaving = [];
    private readonly HashSet<ModelConsumer> _givenUp = []; // their successor waited long enough
    private int _lastFirst;
    private long _now = 1000;
    private int _enqueued;
    private int _gone;
    private int _leftBehind; // references of unacked messages that were moved out of the slab

    public QueueHistory(QueueLimits limits, int mostConsumers)
    {
        _mostConsumers = mostConsumers;
        _limits = limits;
        _state = new QueueState(limits);
        _model = new QueueModel(limits);
    }

    public void Play(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            Do(step);
            Compare();
        }

        Finish();
    }

    private void Do(Step step)
    {
        switch (step.Kind)
        {
            case <= 5:
                Enqueue(1 + (step.A % 6), step.B, step.C);
                break;
            case <= 9:
                Settle(step);
                break;
            case 10:
                Subscribe(step);
                break;
            case 11:
                Cancel(step.A);
                break;
            case 12:
                ChannelGone(step.A % Channels);
                break;
            case <= 14:
                Get(step.A);
                break;
            case 15 when step.A % 4 == 0:
                Purge();
                break;
            case <= 17:
                _now += step.A % 50;
                Expire();
                break;
            case 18:
                Gate(step);
                break;
            case 19:
                Grant(step.A);
                break;
            case 20 when step.C % 3 == 0:
                _state.EndHandover();
                _givenUp.UnionWith(_model.Predecessors);
                _model.Predecessors.Clear();
                DeliverOnce();
                break;
            default:
                _leftBehind += _state.Unacked;
                _state.CopyOut(step.A % 4, step.B % 20);
                break;
        }
    }

    private void Enqueue(int count, int b, int c)
    {
        for (var i = 0; i < count && _enqueued < 600; i++)
        {
            var ttl = (b + i) % 4 == 0 ? (c + i) % 80 : -1;
            var real = _slab.Make(++_enqueued, size: c % 17, (byte)(b % 9), ttl);
            var own = ttl >= 0 ? _now + ttl : long.MaxValue;
            var copy = new ModelMessage
            {
                Id = _enqueued,
                Size = real.BodyLength,
                Priority = real.Priority,
                ExpiresAt = Math.Min(own, _limits.MessageTtl is { } all ? _now + all : long.MaxValue),
            };
            var taken = _model.Enqueue(copy);
            Assert.Equal(taken, _state.DecideEnqueue(real));
            if (!taken)
            {
                _state.ApplyRefused(real);
                _gone += _limits.Overflow == QueueOverflow.RejectPublish ? 1 : 0;
                continue;
            }

            if (_state.TakesWholeBatches && ttl < 0)
            {
                _state.ApplyEnqueued([real]);
            }
            else
            {
                _state.ApplyEnqueued(real, _now);
            }

            DeliverOnce();
            Expire();
            _state.DropOverflow();
            _model.DropOverflow();
        }

        DeliverOnce();
    }

    private void Settle(Step step)
    {
        var holders = _model.Consumers.FindAll(c => c.Next > 1);
        if (holders.Count == 0)
        {
            return;
        }

        var consumer = holders[step.A % holders.Count];
        var from = 1 + (step.B % (consumer.Next + 1));
        var to = from + (step.C % 4);
        var outcome = (Outcome)(step.Kind % 3);
        var acked = outcome == Outcome.Ack ? consumer.Unacked.Keys.Count(n => n >= from && n <= to) : 0;
        var expected = consumer.Unacked.Keys.Count(n => n >= from && n <= to);
        _gone += acked;
        Assert.Equal(expected, _state.ApplySettled(consumer.State, from, to, outcome));
        Tell(consumer.State.Gate, consumer.State.Gate?.Return(expected));
        _model.Settle(consumer, from, to, outcome);
        AfterReturn();
    }

    private void Subscribe(Step step)
    {
        if (_model.Consumers.Count(c => c.Active && !c.State.GetsOnly) >= _mostConsumers)
        {
            return;
        }

        Join(new QueueConsumer
        {
            Link = new object(),
            Prefetch = step.A % 4,
            Priority = step.B % 3,
            NoAck = step.C % 5 == 0,
            Gate = _gates[step.C % Channels],
            Window = step.B % 4 == 0 ? new DeliveryWindow(200) : null,
        });
        DeliverOnce();
    }

    private void Join(QueueConsumer consumer)
    {
        _model.Consumers.Add(new ModelConsumer { Name = $"consumer {_model.Consumers.Count}", State = consumer });
        if (!consumer.GetsOnly)
        {
            _state.DecideSubscribe(consumer, "queue");
            _state.ApplySubscribed(consumer);
            _model.Chosen ??= _model.Consumers[^1];
        }
    }

    private void Cancel(int choice)
    {
        var active = _model.Consumers.FindAll(c => c.Active && !c.State.GetsOnly);
        if (active.Count > 0)
        {
            var consumer = active[choice % active.Count];
            _state.ApplyCancelled(consumer.State);
            _model.Cancel(consumer);
            Tell(consumer.State.Gate, consumer.State.Gate?.Leave(consumer.State.Link));
            DeliverOnce();
        }
    }

    private void ChannelGone(int channel)
    {
        var gone = _model.Consumers.FindAll(c => c.State.GetsOnly || c.State.Gate == _gates[channel]);
        foreach (var consumer in gone)
        {
            Tell(consumer.State.Gate, consumer.State.Gate?.Return(consumer.Unacked.Count));
            Tell(consumer.State.Gate, consumer.State.Gate?.Leave(consumer.State.Link));
            _model.Cancel(consumer);
        }

        gone.ForEach(_model.Gone);
        _state.ApplyGone(gone.ConvertAll(c => c.State).ToArray());
        AfterReturn();
    }

    private void Get(int choice)
    {
        var holder = _model.Consumers.Find(c => c.State.GetsOnly && c.Active && c.NoAck == (choice % 3 == 0));
        if (holder is null)
        {
            Join(new QueueConsumer { Link = new object(), GetsOnly = true, NoAck = choice % 3 == 0 });
            holder = _model.Consumers[^1];
        }

        var found = _state.TryGet(holder.State, out var message, out var number);
        Assert.Equal(_model.Ready.Count > 0, found);
        if (found)
        {
            Assert.Equal(_model.Ready[0].Id, QueueBench.NumberOf(message));
            Deliver(holder, message, number);
        }
    }

    private void Purge()
    {
        Assert.Equal(_model.Ready.Count, _state.ApplyPurged());
        _gone += _model.Ready.Count;
        _model.Ready.Clear();
    }

    private void Gate(Step step)
    {
        var channel = step.A % Channels;
        _gateLimits[channel] = step.B % 3 == 0 ? step.B % 5 : 0; // most of the time there is none
        _paused[channel] = step.C % 5 == 0;
        Tell(_gates[channel], _gates[channel].Set(_gateLimits[channel], _paused[channel]));
        DeliverOnce();
    }

    private void Grant(int choice)
    {
        var windows = _model.Consumers.FindAll(c => c.State.Window is not null);
        if (windows.Count > 0)
        {
            windows[choice % windows.Count].State.Window!.Grant(choice % 300);
            DeliverOnce();
        }
    }

    private void Tell(ChannelGate? gate, object[]? consumers)
    {
        foreach (var consumer in consumers ?? [])
        {
            _told.Enqueue((gate!, consumer));
        }
    }

    private void AfterReturn()
    {
        Expire();
        _state.DropOverflow();
        _model.DropOverflow();
        DeliverOnce();
    }

    private void Expire()
    {
        _state.Expire(_now);
        _model.Expire(_now);
    }

    /// <summary>A delivery round, and whether it was right: the head of the queue, in order, to those who may have it.</summary>
    private void DeliverOnce()
    {
        Round();
        while (_told.TryDequeue(out var told))
        {
            Round();
            Tell(told.Gate, told.Gate.Decline(told.Link));
        }

        CheckNobodyWaitsInVain();
    }

    private void Round()
    {
        var waiting = _model.Ready.ConvertAll(m => m.Id);
        _state.Deliver(_touched);
        var served = new List<(ModelConsumer Consumer, int Count)>();
        var taken = new List<int>();
        foreach (var state in _touched)
        {
            var consumer = _model.Consumers.Find(c => c.State == state)!;
            served.Add((consumer, state.BatchCount));
            var number = state.BatchFirst;
            var places = new List<int>();
            foreach (ref readonly var message in state.Batch)
            {
                places.Add(waiting.IndexOf(QueueBench.NumberOf(message)));
                Deliver(consumer, message, number++);
            }

            Assert.Equal(places.Order(), places);
            taken.AddRange(places);
            ArrayPool<Message>.Shared.Return(state.TakeBatch(), clearArray: true);
        }

        _touched.Clear();
        Assert.Equal(Enumerable.Range(0, taken.Count), taken.Order()); // the first ones, none left out, none twice
        CheckFair(served);
    }

    private void Deliver(ModelConsumer consumer, in Message message, long number)
    {
        CheckOrder(consumer, QueueBench.NumberOf(message));
        _model.Delivered(consumer, number, QueueBench.NumberOf(message), message.DeliveryCount);
        if (consumer.NoAck)
        {
            message.Release(); // as the shell does once it is written to the socket
            _gone++;
        }
        else
        {
            Assert.InRange(consumer.Unacked.Count, 1, consumer.State.Prefetch == 0 ? int.MaxValue : consumer.State.Prefetch);
        }
    }

    private void Finish()
    {
        for (var channel = 0; channel < Channels; channel++)
        {
            _paused[channel] = true;
            _gates[channel].Set(paused: true);
            ChannelGone(channel);
        }

        Assert.Equal(0, _state.Unacked);
        Purge();
        Compare();
        Assert.Equal(_enqueued, _gone);
        _slab.CheckAndReturn(_leftBehind);
    }
}
