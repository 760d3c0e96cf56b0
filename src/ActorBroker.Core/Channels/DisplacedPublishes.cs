using ActorBroker.Core.Exchanges;

namespace ActorBroker.Core.Channels;

/// <summary>
/// Publishes to several queues of which some had ended before they took them: each queue gets a publish once, and when none of the
/// queues has it, it is routed as if it had just come.
/// </summary>
/// <remarks>Not thread-safe. What is not in here went to queues that are alive.</remarks>
internal sealed class DisplacedPublishes
{
    private readonly Dictionary<ulong, Publish> _publishes = [];

    /// <summary>One of the queues that a publish went to has ended and did not take it.</summary>
    /// <param name="tag">Its publish tag.</param>
    /// <param name="copies">How many queues it went to at first, 2 or more.</param>
    /// <param name="now">The queues that it would go to now.</param>
    /// <param name="fresh">Those of them that were not there when it was published.</param>
    /// <returns>
    /// The queues that get it in place of the one that has ended; with nothing in it when there is no queue for it at all, null when others
    /// have it, or will tell that they have not.
    /// </returns>
    public IReadOnlyList<QueueAddress>? Place(ulong tag, int copies, IReadOnlyList<QueueAddress> now, IReadOnlyList<QueueAddress> fresh)
    {
        if (!_publishes.TryGetValue(tag, out var publish))
        {
            _publishes.Add(tag, publish = new Publish { Copies = copies });
        }

        publish.Ended++;
        List<QueueAddress> places = [.. fresh.Where(q => !publish.Given.Contains(q))];
        if (places.Count == 0)
        {
            if (publish.Ended < publish.Copies)
            {
                return null;
            }

            places = [.. now]; // none of those that were to get it has it
        }

        publish.Copies += places.Count;
        publish.Given.UnionWith(places);
        return places;
    }

    private sealed class Publish
    {
        public HashSet<QueueAddress> Given { get; } = new(ReferenceEqualityComparer.Instance);

        public int Copies { get; set; }

        public int Ended { get; set; }
    }
}
