using ActorBroker.Client;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Stage;

namespace ActorBroker.Streams.Publishing;

/// <summary>Publishes what comes and passes on what became of it, in order.</summary>
internal sealed class PublishStage<TIn, TOut> : GraphStage<FlowShape<TIn, TOut>>
{
    private readonly Inlet<TIn> _in = new("BrokerFlow.in");
    private readonly Outlet<TOut> _out = new("BrokerFlow.out");
    private readonly BrokerClient _client;
    private readonly string _exchange;
    private readonly int _parallelism;
    private readonly Func<TIn, OutgoingMessage?> _message;
    private readonly Func<TIn, PublishResult, TOut> _result;

    /// <summary>For one exchange.</summary>
    /// <param name="client">By whom.</param>
    /// <param name="exchange">Where to.</param>
    /// <param name="parallelism">Most elements that are taken and not passed on.</param>
    /// <param name="message">What to publish for an element; nothing for null.</param>
    /// <param name="result">What goes downstream, or an exception that fails the stream.</param>
    public PublishStage(
        BrokerClient client, string exchange, int parallelism, Func<TIn, OutgoingMessage?> message, Func<TIn, PublishResult, TOut> result)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        _client = client;
        _exchange = exchange;
        _parallelism = parallelism;
        _message = message;
        _result = result;
        Shape = new FlowShape<TIn, TOut>(_in, _out);
    }

    /// <inheritdoc/>
    public override FlowShape<TIn, TOut> Shape { get; }

    /// <inheritdoc/>
    protected override Attributes InitialAttributes => Attributes.CreateName("brokerFlow");

    /// <inheritdoc/>
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : InAndOutGraphStageLogic, IPublishSlots, IDrains
    {
        private readonly PublishStage<TIn, TOut> _stage;
        private readonly List<PublishSlot<TIn>> _ring = []; // grows to the parallelism that is really used
        private readonly CancellationTokenSource _over = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<(long Until, TaskCompletionSource Reached)> _drains = [];
        private Action _wake = null!;
        private Action<Exception> _fail = null!;
        private Action<Exception?> _taken = null!;
        private Action<TaskCompletionSource> _drain = null!;
        private ActorSystem? _system;
        private long _first; // elements passed on
        private long _last; // elements taken
        private int _woken;
        private bool _held; // the newest one waits for room

        public Logic(PublishStage<TIn, TOut> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandlers(stage._in, stage._out, this);
        }

        public override void PreStart()
        {
            _wake = GetAsyncCallback(Woken);
            _fail = GetAsyncCallback<Exception>(FailStage);
            _taken = GetAsyncCallback<Exception?>(Taken);
            _drain = GetAsyncCallback<TaskCompletionSource>(Drain);
            _system = (Materializer as ActorMaterializer)?.System ?? _stage._client.System;
            RunningStreams.Of(_system).Add(this, isSource: false);
            RunningStreams.Of(_stage._client.System).Add(this, isSource: false);
        }

        public override void OnPush()
        {
            Publish(Grab(_stage._in));
            Ask();
        }

        public override void OnPull()
        {
            PassOn();
            Ask();
        }

        public override void OnUpstreamFinish()
        {
            if (_first == _last)
            {
                CompleteStage();
            }
        }

        public override void PostStop()
        {
            _over.Cancel();
            RunningStreams.Of(_system!).Remove(this);
            RunningStreams.Of(_stage._client.System).Remove(this);
            _ended.TrySetResult();
        }

        /// <inheritdoc/>
        public void Answered()
        {
            if (Volatile.Read(ref _woken) == 0 && Interlocked.Exchange(ref _woken, 1) == 0)
            {
                _wake();
            }
        }

        /// <inheritdoc/>
        public void Failed(Exception reason) => _fail(reason);

        /// <inheritdoc/>
        public Task DrainAsync()
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _drain(reached);
            return Task.WhenAny(reached.Task, _ended.Task);
        }

        private PublishSlot<TIn> Slot(long number) => _ring[(int)(number % _stage._parallelism)];

        private void Publish(TIn element)
        {
            if (_ring.Count < _stage._parallelism && _ring.Count == _last)
            {
                _ring.Add(new PublishSlot<TIn>(this));
            }

            var slot = Slot(_last++);
            slot.Start(element);
            try
            {
                if (_stage._message(element) is { } message)
                {
                    Wait(_stage._client.TakeAsync(
                        _stage._exchange, message.RoutingKey ?? "", message.Body.Span, message.Properties, message.Mandatory, slot, _over.Token));
                }
                else
                {
                    slot.Skip();
                    PassOn();
                }
            }
            catch (Exception refusal)
            {
                FailStage(refusal);
            }
        }

        /// <summary>While the broker holds publishers back, nothing more is asked for.</summary>
        private void Wait(Task taken)
        {
            if (!taken.IsCompletedSuccessfully)
            {
                _held = true;
                _ = taken.ContinueWith(
                    static (task, go) =>
                        ((Action<Exception?>)go!)(task.IsCanceled ? new OperationCanceledException() : task.Exception?.InnerException),
                    _taken,
                    CancellationToken.None,
                    TaskContinuationOptions.None,
                    TaskScheduler.Default);
            }
        }

        private void Taken(Exception? refusal)
        {
            if (refusal is not null)
            {
                FailStage(refusal);
                return;
            }

            _held = false;
            Ask();
        }

        private void Ask()
        {
            if (!_held && _last - _first < _stage._parallelism && !HasBeenPulled(_stage._in) && !IsClosed(_stage._in))
            {
                Pull(_stage._in);
            }
        }

        private void Woken()
        {
            Interlocked.Exchange(ref _woken, 0);
            PassOn();
            Ask();
        }

        private void PassOn()
        {
            if (_first == _last || !IsAvailable(_stage._out) || Slot(_first) is not { IsDone: true } slot)
            {
                return;
            }

            TOut result;
            try
            {
                result = _stage._result(slot.Element, slot.Answer);
            }
            catch (Exception refusal)
            {
                FailStage(refusal);
                return;
            }

            slot.Clear();
            _first++;
            Push(_stage._out, result);
            ReachDrains();
            if (_first == _last && IsClosed(_stage._in))
            {
                CompleteStage();
            }
        }

        private void Drain(TaskCompletionSource reached)
        {
            _drains.Add((_last, reached));
            ReachDrains();
        }

        private void ReachDrains()
        {
            for (var i = _drains.Count - 1; i >= 0; i--)
            {
                if (_drains[i].Until <= _first)
                {
                    _drains[i].Reached.TrySetResult();
                    _drains.RemoveAt(i);
                }
            }
        }
    }
}
