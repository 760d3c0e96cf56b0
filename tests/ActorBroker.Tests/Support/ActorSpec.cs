using ActorBroker.Tests.Shared;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace ActorBroker.Tests.Support;

/// <summary>An actor system with the broker's settings and virtual time. A test that logs an error it did not expect fails.</summary>
public abstract class ActorSpec : TestKit, IAsyncLifetime
{
    /// <summary>How long a test waits for what must come.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string Common = $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          scheduler.implementation = "{{typeof(VirtualScheduler).FullName}}, {{typeof(VirtualScheduler).Assembly.GetName().Name}}"
          test.single-expect-default = 20s
          coordinated-shutdown.run-by-actor-system-terminate = off
        }
        """;

    private readonly TestProbe _errors;

    protected ActorSpec(string settings = "")
        : base(Broker.ConfigOf(ConfigurationFactory.ParseString(settings).WithFallback(ConfigurationFactory.ParseString(Common))))
    {
        _errors = CreateTestProbe("errors");
        Sys.EventStream.Subscribe(_errors, typeof(Error));
    }

    /// <summary>The clock of the actor system.</summary>
    protected VirtualScheduler Time => (VirtualScheduler)Sys.Scheduler;

    /// <inheritdoc/>
    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public virtual Task DisposeAsync()
    {
        Assert.True(!_errors.HasMessages, _errors.HasMessages ? $"logged and not expected: {_errors.ReceiveOne(TimeSpan.Zero)}" : null);
        return Task.CompletedTask;
    }

    /// <summary>The test provokes a fault: it is logged, with these words in it.</summary>
    protected void ExpectError(string words) => _errors.FishForMessage<Error>(e => e.ToString().Contains(words), Patience, $"an error with '{words}'");

    /// <summary>The answer of an actor, or a timeout that says what was waited for.</summary>
    protected static async Task<T> Soon<T>(Task<T> answer, string what)
    {
        await Soon((Task)answer, what);
        return await answer;
    }

    /// <summary>Waits, and says what for when it does not come.</summary>
    protected static async Task Soon(Task task, string what)
    {
        var first = await Task.WhenAny(task, Task.Delay(Patience));
        Assert.True(first == task, $"waited {Patience.TotalSeconds} s for {what}");
        await task;
    }

    /// <summary>Lets virtual time pass.</summary>
    protected void Pass(TimeSpan time) => Time.Advance(time);

    /// <summary>The probe gets nothing, now that <paramref name="barrier"/> has answered everything that was told before.</summary>
    protected static async Task NothingFor(TestProbe probe, Task barrier)
    {
        await Soon(barrier, "the actor to get to the end of its mailbox");
        await probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(30));
    }
}
