using ActorBroker.Scheduling;
using ActorBroker.Tests.Support;
using Akka.Actor;

namespace ActorBroker.Tests.Scheduling;

/// <summary>actor-broker.hot-dispatcher: actors that are told something in a turn run in that turn.</summary>
public sealed class HotDispatcherSpec : ActorSpec
{
    [Fact]
    public void An_idle_actor_runs_on_the_thread_that_told_it_at_the_end_of_the_turn()
    {
        var seen = new Seen();
        var last = Sys.ActorOf(Props.Create(() => new Noting(seen, null)).WithDispatcher(Dispatchers.Hot));
        var first = Sys.ActorOf(Props.Create(() => new Noting(seen, last)).WithDispatcher(Dispatchers.Hot));
        for (var attempt = 1; attempt <= 200; attempt++)
        {
            HotTurn.Enter();
            first.Tell(attempt);
            Assert.NotEqual(attempt, seen.Number); // not before the turn ends
            HotTurn.Leave();
            if (seen.Number == attempt && seen.Thread == Environment.CurrentManagedThreadId)
            {
                return;
            }

            // One of them was not idle yet, or the machine is busy and the turn ran out of its budget.
            Assert.True(SpinWait.SpinUntil(() => seen.Number == attempt, Patience), "waited for the second actor");
        }

        Assert.Fail("not one of 200 turns ran its actors");
    }

    private sealed class Seen
    {
        public volatile int Number;
        public volatile int Thread;
    }

    private sealed class Noting(Seen seen, IActorRef? next) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (next is not null)
            {
                next.Tell(message);
                return;
            }

            seen.Thread = Environment.CurrentManagedThreadId;
            seen.Number = (int)message;
        }
    }
}
