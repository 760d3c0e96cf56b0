using System.Collections.Concurrent;
using ActorBroker.Addresses;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Tests.Support;

/// <summary>A channel without a socket: notes what its consumers deliver.</summary>
internal sealed class FakeEndpoint : IConsumerEndpoint
{
    private readonly BlockingCollection<(string Tag, string Event)> _events = [];
    private volatile bool _congested;

    public bool IsCongested
    {
        get => _congested;
        set => _congested = value;
    }

    /// <summary>Who asked to be told when it is no longer congested.</summary>
    public ConcurrentQueue<IActorRef> Waiting { get; } = [];

    public void WhenDrained(IActorRef consumer)
    {
        Waiting.Enqueue(consumer);
        _events.Add(("", "waits"));
    }

    public void Subscribed(ConsumerLink consumer) => _events.Add((consumer.Tag, "subscribed"));

    public void Deliver(ConsumerLink consumer, ReadOnlySpan<Message> messages, long firstNumber, long bytes)
    {
        foreach (ref readonly var message in messages)
        {
            var again = message.Redelivered ? " again" : "";
            _events.Add((consumer.Tag, $"#{firstNumber++}: {Publisher.NumberOf(message)}{again}"));
        }
    }

    public void Cancelled(ConsumerLink consumer) => _events.Add((consumer.Tag, "cancelled"));

    public void CancelledByBroker(ConsumerLink consumer) => _events.Add((consumer.Tag, "cancelled by broker"));

    /// <summary>The next thing that happened.</summary>
    public string Next(string what)
    {
        Assert.True(_events.TryTake(out var next, TimeSpan.FromSeconds(20)), $"waited for {what}");
        return next.Event;
    }

    /// <summary>The next things that happened.</summary>
    public void Expect(params string[] events)
    {
        foreach (var expected in events)
        {
            Assert.Equal(expected, Next(expected));
        }
    }

    /// <summary>Nothing more has happened so far.</summary>
    public void ExpectNothing() => Assert.False(_events.TryTake(out var next), $"happened and was not expected: {next.Event}");
}
