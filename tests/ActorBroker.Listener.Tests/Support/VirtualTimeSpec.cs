using ActorBroker.Tests.Shared;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>The same with a clock that only the test moves.</summary>
public abstract class VirtualTimeSpec(string settings = "") : ListenerSpec(
    $"akka.scheduler.implementation = \"ActorBroker.Tests.Shared.VirtualScheduler, ActorBroker.Listener.Tests\"\n{settings}")
{
    private VirtualScheduler Clock => (VirtualScheduler)Sys.Scheduler;

    /// <summary>Lets time pass at once.</summary>
    protected void Advance(TimeSpan time) => Clock.Advance(time);

    /// <summary>Lets time pass in steps, so that what happens every step happens each time.</summary>
    private protected async Task Pass(TimeSpan time, TimeSpan step, ServedClient client, Func<Task>? eachStep = null)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            if (eachStep is not null)
            {
                await eachStep();
            }

            await Pass(step, client);
        }
    }

    /// <summary>Lets time pass at once, and the connection's actor notice.</summary>
    private protected async Task Pass(TimeSpan time, ServedClient client)
    {
        await ActorIsUpToDate(client); // its timers are started by messages
        Clock.Advance(time);
        await ActorIsUpToDate(client);
    }
}
