using System.Runtime.CompilerServices;

namespace ActorBroker.Core.Exchanges;

/// <summary>The queues one message goes to, each once. Made to be used again and again by one channel.</summary>
/// <remarks>It also holds what a walk needs on its way, so that routing allocates nothing once it is warm.</remarks>
/// <param name="passOverEnded">True for routes as they will be once the queues that have ended are off the tables.</param>
internal sealed class RouteResult(bool passOverEnded = false)
{
    private readonly IdentityList<QueueAddress> _queues = new();
    private readonly IdentityList<ExchangeAddress> _exchanges = new();
    private TopicMatcher? _topicMatcher;
    private HeaderIndex? _headers;

    /// <summary>
    /// What the walk has cost: bindings, conditions, places in a trie and destinations looked at. One is some ten nanoseconds.
    /// </summary>
    internal long Steps;

    /// <summary>How many queues get the message; 0 means unroutable.</summary>
    public int Count => _queues.Count;

    /// <summary>The queues; valid until the next <see cref="Clear"/> or route.</summary>
    public ReadOnlySpan<QueueAddress> Queues => _queues.Items;

    /// <summary>
    /// True when the headers of the message had a say, so exchange and routing key alone do not decide.
    /// </summary>
    public bool DependsOnHeaders { get; internal set; }

    /// <summary>
    /// True when a name was looked up that may lead elsewhere tomorrow, although none of the exchanges on the way changes: a queue by its name, or
    /// an alternate exchange that is not there.
    /// </summary>
    internal bool DependsOnNames { get; set; }

    /// <summary>The exchanges behind the first that the walk went through, as they were before it looked at them.</summary>
    internal List<PassedExchange> Passed { get; } = [];

    /// <summary>True when the same key leads the same way until one of the exchanges of the walk changes.</summary>
    internal bool CanBeKept => IsComplete && !DependsOnHeaders && !DependsOnNames;

    /// <summary>Most steps of a walk; beyond them it is given up.</summary>
    internal long Budget { get; set; } = long.MaxValue;

    /// <summary>False when the walk was given up: the queues are not all.</summary>
    internal bool IsComplete => Steps <= Budget;

    /// <summary>True when the exchange the walk is at has matched a binding.</summary>
    internal bool Matched { get; set; }

    /// <summary>The exchanges of the walk: visited, current and still to come.</summary>
    internal IdentityList<ExchangeAddress> Exchanges => _exchanges;

    internal TopicMatcher TopicMatcher => _topicMatcher ??= new TopicMatcher();

    /// <summary>The queue at a position, in the order they were found.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public QueueAddress this[int index] => _queues[index];

    /// <summary>Forgets all queues.</summary>
    public void Clear()
    {
        _queues.Clear();
        _exchanges.Clear();
        Passed.Clear();
        DependsOnHeaders = false;
        DependsOnNames = false;
        Matched = false;
        Steps = 0;
        _headers?.Clear();
    }

    /// <summary>Counts steps.</summary>
    /// <returns>False when the walk is to be given up.</returns>
    internal bool Spend(long steps) => (Steps += steps) <= Budget;

    /// <summary>The headers of the message by name; made for the first who asks.</summary>
    internal HeaderIndex HeadersOf(ReadOnlySpan<byte> headers)
    {
        _headers ??= new HeaderIndex();
        Steps += _headers.Build(headers);
        return _headers;
    }

    internal void Add(Destination destination)
    {
        if (passOverEnded && destination.IsQueue && Unsafe.As<QueueAddress>(destination).HasEnded)
        {
            return;
        }

        Matched = true;
        if (destination.IsQueue)
        {
            _queues.Add(Unsafe.As<QueueAddress>(destination));
        }
        else
        {
            _exchanges.Add(Unsafe.As<ExchangeAddress>(destination));
        }
    }

    internal void AppendDistinctQueues(ReadOnlySpan<Destination?> slots)
    {
        foreach (var destination in slots)
        {
            if (destination is not null && !(passOverEnded && Unsafe.As<QueueAddress>(destination).HasEnded))
            {
                Matched = true;
                _queues.Append(Unsafe.As<QueueAddress>(destination));
            }
        }
    }
}
