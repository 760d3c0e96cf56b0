using ActorBroker.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Stores;

/// <summary>Writes the mark of the store once in a while, and says what a start goes on without.</summary>
internal sealed class StoreMarkActor(StoreMarkFile mark) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        if (mark.Warning is { } warning)
        {
            Context.GetLogger().OneLine().Error("{0}", warning);
        }

        Self.Tell(Write.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Write:
                WriteAsync().PipeTo(Self, ActorRefs.NoSender, () => Written.Instance);
                break;
            case Written:
                Timers.StartSingleTimer(nameof(Write), Write.Instance, Pause);
                break;
        }
    }

    private async Task WriteAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // it waits for the disk
        mark.Write();
    }

    private sealed record Write
    {
        public static readonly Write Instance = new();
    }

    private sealed record Written
    {
        public static readonly Written Instance = new();
    }
}
