using ActorBroker.Core.Channels;
using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Tests.Channels;

/// <summary>Publishes to several queues of which some had ended.</summary>
public sealed class DisplacedPublishesSpec
{
    private readonly DisplacedPublishes _publishes = new();
    private readonly QueueAddress _new = new("/", "new");
    private readonly QueueAddress _old = new("/", "old");

    [Fact]
    public void While_others_may_have_it_nothing_is_done()
    {
        Assert.Null(_publishes.Place(1, copies: 3, now: [_old], fresh: []));
        Assert.Null(_publishes.Place(1, copies: 3, now: [_old], fresh: []));
        Assert.Null(_publishes.Place(2, copies: 3, now: [_old], fresh: [])); // another publish
    }

    [Fact]
    public void When_none_has_it_it_goes_where_it_would_go_now()
    {
        Assert.Null(_publishes.Place(1, copies: 2, now: [_old], fresh: []));
        Assert.Equal([_old], _publishes.Place(1, copies: 2, now: [_old], fresh: []));
    }

    [Fact]
    public void When_there_is_no_queue_for_it_that_is_told_once()
    {
        Assert.Null(_publishes.Place(1, copies: 2, now: [], fresh: []));
        Assert.Empty(_publishes.Place(1, copies: 2, now: [], fresh: [])!);
    }

    [Fact]
    public void A_new_queue_gets_it_once_in_place_of_all_that_have_ended()
    {
        Assert.Equal([_new], _publishes.Place(1, copies: 2, now: [_old, _new], fresh: [_new]));
        Assert.Null(_publishes.Place(1, copies: 2, now: [_old, _new], fresh: [_new]));
    }

    /// <summary>
    /// In whatever order queues end and new ones come: no queue is given a publish twice, and only if all that were given it have ended is
    /// it routed anew.
    /// </summary>
    [Fact]
    public void Law_it_is_with_somebody_or_routed_anew_and_nowhere_twice()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var publishes = new DisplacedPublishes();
            var copies = random.Next(2, 5);
            var alive = Enumerable.Range(0, copies).Select(i => new QueueAddress("/", $"q{i}")).ToList();
            var had = alive.ToHashSet();
            var bound = new List<QueueAddress>(); // those that came later
            for (var step = 0; alive.Count > 0 && step < 20; step++)
            {
                var ended = alive[random.Next(alive.Count)];
                alive.Remove(ended);
                bound.Remove(ended);
                if (random.Next(2) == 0)
                {
                    bound.Add(new QueueAddress("/", $"new{step}"));
                }

                var fresh = bound.Where(_ => random.Next(2) == 0).ToList();
                var places = publishes.Place(7, copies, bound, fresh);
                if (places is null)
                {
                    Assert.True(alive.Count > 0, $"seed {seed}: nobody has it, and nobody is told");
                    continue;
                }

                Assert.All(places, q => Assert.DoesNotContain(q, alive));
                Assert.All(places, q => Assert.True(had.Add(q) || !alive.Contains(q), $"seed {seed}: '{q.Name}' twice"));
                if (places.Count == 0)
                {
                    Assert.Empty(alive);
                }

                alive.AddRange(places);
            }
        }
    }
}
