using ActorBroker.Amqp;
using ActorBroker.Client;
using ActorBroker.Core.Queues;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Stage;
using ConnectionException = ActorBroker.Amqp.ConnectionException;

namespace ActorBroker.Streams.Consuming;

/// <summary>A consumer as a source.</summary>
/// <param name="client">Whose consumer.</param>
/// <param name="queue">Of which queue.</param>
/// <param name="options">With a prefetch.</param>
/// <param name="ackFirst">True: a message is acked before it is pushed.</param>
internal sealed class ConsumeStage(BrokerClient client, string queue, ConsumerOptions options, bool ackFirst)
    : GraphStageWithMaterializedValue<SourceShape<Delivery>, IBrokerControl>
{
    private readonly Outlet<Delivery> _out = new("BrokerSource.out");

    /// <inheritdoc/>
    public override SourceShape<Delivery> Shape => new(_out);

    /// <inheritdoc/>
    protected override Attributes InitialAttributes => Attributes.CreateName("brokerSource");

    /// <inheritdoc/>
    public override ILogicAndMaterializedValue<IBrokerControl> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var control = new ConsumeControl();
        return new LogicAndMaterializedValue<IBrokerControl>(new Logic(this, control), control);
    }

    private async Task Subscribe(DeliveryBuffer buffer, Action<ClientConsumer> started, Action<Exception> failed, CancellationToken over)
    {
        try
        {
            var consumer = (ClientConsumer)await client.ConsumeAsync(queue, buffer, null, options, over).ConfigureAwait(false);
            buffer.Attach(consumer);
            started(consumer);
        }
        catch (Exception fault)
        {
            failed(fault);
        }
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly ConsumeStage _stage;
        private readonly ConsumeControl _control;
        private readonly CancellationTokenSource _over = new();
        private DeliveryBuffer _buffer = null!;
        private List<Delivery> _taken = [];
        private int _next;
        private ClientConsumer? _consumer;
        private Exception? _failure;
        private ActorSystem? _system;

        public Logic(ConsumeStage stage, ConsumeControl control)
            : base(stage.Shape)
        {
            _stage = stage;
            _control = control;
            SetHandler(stage._out, this);
        }

        private bool HasMore => _next < _taken.Count;

        public override void PreStart()
        {
            _system = (Materializer as ActorMaterializer)?.System ?? _stage.System;
            _stage.Register(_system, _control);
            _buffer = new DeliveryBuffer(GetAsyncCallback(Look));
            _control.Bind(GetAsyncCallback(Obey));
            _ = _stage.Subscribe(_buffer, GetAsyncCallback<ClientConsumer>(Started), GetAsyncCallback<Exception>(Fail), _over.Token);
        }

        public override void OnPull()
        {
            if (Advance())
            {
                Push(_stage._out, _taken[_next++]);
            }

            FinishIfAllIsOut();
        }

        public override void PostStop()
        {
            _over.Cancel();
            _buffer?.Close();
            _stage.Unregister(_system!, _control);
            _control.SetOver(_failure);
        }

        private void Started(ClientConsumer consumer)
        {
            _consumer = consumer;
            _control.SetStarted(consumer);
            Obey();
            FinishIfAllIsOut();
        }

        private void Obey()
        {
            if (_control.IsShuttingDown)
            {
                CompleteStage();
            }
            else if (_control.IsStopping)
            {
                _ = _consumer?.CancelAsync();
            }
        }

        /// <summary>The buffer has something, or the consumer has ended.</summary>
        private void Look()
        {
            if (IsAvailable(_stage._out))
            {
                OnPull();
            }
            else
            {
                FinishIfAllIsOut();
            }
        }

        /// <summary>Finds the next message that may go downstream. One whose consumer was closed is back in its queue.</summary>
        private bool Advance()
        {
            while (HasMore || Refill())
            {
                var delivery = _taken[_next];
                if (_stage.AckFirst ? delivery.TrySettle(Outcome.Ack) : !delivery.IsBack)
                {
                    return true;
                }

                _next++;
            }

            return false;
        }

        private bool Refill()
        {
            _next = 0;
            if (_buffer.Take(ref _taken))
            {
                return true;
            }

            _taken.Clear();
            return false;
        }

        private void FinishIfAllIsOut()
        {
            if (_consumer is null || !_buffer.HasEnded || HasMore || IsClosed(_stage._out) || Refill())
            {
                return;
            }

            if (_control.IsStopping)
            {
                Complete();
            }
            else
            {
                Fail(_consumer.IsClosed
                    ? new ConnectionException(
                        ReplyCode.ConnectionForced, $"the consumer of queue '{_stage.Queue}' was closed: the broker, or its IBroker, has ended")
                    : new ChannelException(
                        ReplyCode.NotFound, $"the consumer of queue '{_stage.Queue}' was cancelled: the queue was deleted"));
            }
        }

        /// <summary>The stream gets nothing more; the consumer stays for those who have not acked yet.</summary>
        private void Complete()
        {
            SetKeepGoing(true);
            Complete(_stage._out);
            _control.SetStopped();
            _ = _consumer!.WhenSettled().ContinueWith(
                static (_, end) => ((Action)end!)(),
                GetAsyncCallback(CompleteStage),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
        }

        private void Fail(Exception reason)
        {
            _failure = reason;
            FailStage(reason);
        }
    }

    private bool AckFirst => ackFirst;

    private string Queue => queue;

    private ActorSystem System => client.System;

    private void Register(ActorSystem system, IDrains control)
    {
        RunningStreams.Of(system).Add(control, isSource: true);
        RunningStreams.Of(client.System).Add(control, isSource: true);
    }

    private void Unregister(ActorSystem system, IDrains control)
    {
        RunningStreams.Of(system).Remove(control);
        RunningStreams.Of(client.System).Remove(control);
    }
}
