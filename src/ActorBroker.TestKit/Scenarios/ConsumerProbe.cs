using Akka.Actor;
using Akka.TestKit;
using Xunit.Sdk;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>A consumer that is a <see cref="TestProbe"/>: deliveries are its messages, and nothing is acked unless the test does it.</summary>
public sealed class ConsumerProbe : TestProbe
{
    private readonly TestBroker _broker;
    private readonly string _queue;

    internal ConsumerProbe(ActorSystem system, ITestKitAssertions assertions, TestBroker broker, string queue, string name)
        : base(system, assertions, name)
    {
        _broker = broker;
        _queue = queue;
    }

    /// <summary>The consumer as the broker knows it.</summary>
    public IConsumer Consumer { get; internal set; } = null!;

    /// <summary>The next message is a delivery.</summary>
    /// <param name="timeout">Real time; 3 s when null.</param>
    public async Task<Delivery> ExpectDeliveryAsync(TimeSpan? timeout = null)
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        return await ExpectMsgAsync<Delivery>(timeout, $"a delivery from queue '{_queue}'").ConfigureAwait(false);
    }

    /// <summary>The next message is a delivery with that body.</summary>
    /// <param name="body">As UTF-8.</param>
    /// <param name="timeout">Real time; 3 s when null.</param>
    /// <exception cref="XunitException">Another body, or nothing came.</exception>
    public async Task<Delivery> ExpectDeliveryAsync(string body, TimeSpan? timeout = null)
    {
        var delivery = await ExpectDeliveryAsync(timeout).ConfigureAwait(false);
        return delivery.Text == body
            ? delivery
            : throw new XunitException($"queue '{_queue}': expected a delivery of '{body}', but '{delivery.Text}' came");
    }

    /// <summary>Nothing has come that was not expected before. Knows it at once: the broker is at rest.</summary>
    /// <exception cref="XunitException">Something has.</exception>
    public async Task ExpectNoDeliveryAsync()
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        if (HasMessages)
        {
            throw new XunitException($"queue '{_queue}': expected no delivery, but {await ReceiveOneAsync(TimeSpan.Zero).ConfigureAwait(false)} came");
        }
    }

    /// <summary>The consumer was cancelled by the broker: its queue is gone or has failed.</summary>
    public async Task ExpectCancelledAsync()
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        await FishForMessageAsync(m => m is ConsumerEnded, hint: $"the end of the consumer of queue '{_queue}'").ConfigureAwait(false);
    }

    /// <summary>The consumer dies as a process does: it acks nothing more, and what it held is back in the queue when this completes.</summary>
    /// <exception cref="XunitException">The broker has not noticed.</exception>
    public async Task KillAsync()
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        Sys.Stop(Ref);
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        if (!Consumer.Completion.IsCompleted)
        {
            throw new XunitException($"queue '{_queue}': its consumer is dead, and the broker has not noticed");
        }
    }

    /// <summary>basic.cancel: no more deliveries; what it holds can still be settled.</summary>
    public async Task CancelAsync()
    {
        await _broker.Patient(Consumer.CancelAsync(), $"the end of the consumer of queue '{_queue}'").ConfigureAwait(false);
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
    }
}
