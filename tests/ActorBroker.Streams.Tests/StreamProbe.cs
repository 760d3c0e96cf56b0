using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.Stage;

namespace ActorBroker.Streams.Tests;

/// <summary>A sink that asks only when the test says so, and tells an actor what comes.</summary>
public sealed class StreamProbe<T>(IActorRef observer) : GraphStageWithMaterializedValue<SinkShape<T>, StreamProbe<T>.Handle>
{
    private readonly Inlet<T> _in = new("probe.in");

    public override SinkShape<T> Shape => new(_in);

    public static Sink<T, Handle> Sink(IActorRef observer) => Akka.Streams.Dsl.Sink.FromGraph(new StreamProbe<T>(observer));

    public override ILogicAndMaterializedValue<Handle> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var handle = new Handle();
        return new LogicAndMaterializedValue<Handle>(new Logic(this, handle), handle);
    }

    /// <summary>The stream completed, or failed with this.</summary>
    public sealed record Ended(Exception? Reason);

    /// <summary>The test's hand on it.</summary>
    public sealed class Handle
    {
        internal TaskCompletionSource<(Action<int> Request, Action<Exception?> Cancel)> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task Request(int count) => (await Ready.Task).Request(count);

        public async Task Cancel(Exception? reason = null) => (await Ready.Task).Cancel(reason);
    }

    private sealed class Logic : InGraphStageLogic
    {
        private readonly StreamProbe<T> _stage;
        private readonly IActorRef _observer;
        private readonly Handle _handle;
        private int _asked;

        public Logic(StreamProbe<T> stage, Handle handle)
            : base(stage.Shape)
        {
            _stage = stage;
            _observer = stage.Observer;
            _handle = handle;
            SetHandler(stage._in, this);
        }

        public override void PreStart() => _handle.Ready.SetResult((GetAsyncCallback<int>(Request), GetAsyncCallback<Exception?>(Stop)));

        public override void OnPush()
        {
            _observer.Tell(Grab(_stage._in)!, ActorRefs.NoSender);
            Ask();
        }

        public override void OnUpstreamFinish()
        {
            _observer.Tell(new Ended(null), ActorRefs.NoSender);
            CompleteStage();
        }

        public override void OnUpstreamFailure(Exception e)
        {
            _observer.Tell(new Ended(e), ActorRefs.NoSender);
            FailStage(e);
        }

        private void Request(int count)
        {
            _asked += count;
            Ask();
        }

        private void Ask()
        {
            if (_asked > 0 && !HasBeenPulled(_stage._in) && !IsClosed(_stage._in))
            {
                _asked--;
                Pull(_stage._in);
            }
        }

        private void Stop(Exception? reason)
        {
            if (reason is null)
            {
                CompleteStage();
            }
            else
            {
                FailStage(reason);
            }
        }
    }

    private IActorRef Observer => observer;
}
