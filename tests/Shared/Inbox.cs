using System.Threading.Channels;
using RabbitMQ.Client;

namespace ActorBroker.Tests.Shared;

/// <summary>A consumer that keeps what it gets until the test asks for it. Acknowledges nothing by itself.</summary>
public sealed class Inbox(IChannel channel, string queue, IPatience patience) : AsyncDefaultBasicConsumer(channel)
{
    private readonly Channel<Delivery> _deliveries = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _taken;

    /// <summary>As <c>basic.consume-ok</c> gave it.</summary>
    public string Tag { get; internal set; } = "";

    /// <summary>Deliveries that have arrived and were not taken yet.</summary>
    public int Waiting => _deliveries.Reader.Count;

    public async Task<Delivery> Next() =>
        await patience.Of($"delivery {++_taken} from {queue}", _deliveries.Reader.ReadAsync(patience.Deadline).AsTask());

    public async Task<List<Delivery>> Take(int count)
    {
        var taken = new List<Delivery>(count);
        while (taken.Count < count)
        {
            taken.Add(await Next());
        }

        return taken;
    }

    /// <summary>Bodies of the next messages, in the order of arrival.</summary>
    public async Task<string[]> Bodies(int count) => [.. (await Take(count)).Select(d => d.Body)];

    /// <summary>Takes one message and acknowledges it.</summary>
    public async Task<Delivery> NextAcked()
    {
        var delivery = await Next();
        await Ack(delivery);
        return delivery;
    }

    public async Task Ack(Delivery delivery, bool multiple = false) =>
        await Channel.BasicAckAsync(delivery.Tag, multiple, patience.Deadline);

    /// <summary>Gives it back, to be delivered again.</summary>
    public async Task Requeue(Delivery delivery) => await Nack(delivery);

    public async Task Nack(Delivery delivery, bool multiple = false, bool requeue = true) =>
        await Channel.BasicNackAsync(delivery.Tag, multiple, requeue, patience.Deadline);

    public async Task Reject(Delivery delivery, bool requeue = false) =>
        await Channel.BasicRejectAsync(delivery.Tag, requeue, patience.Deadline);

    /// <summary><c>basic.cancel</c> (60, 30) sent by the client.</summary>
    public async Task Cancel() => await Channel.BasicCancelAsync(Tag, cancellationToken: patience.Deadline);

    /// <summary>Waits for the broker's own <c>basic.cancel</c>.</summary>
    public async Task CancelledByBroker() =>
        await patience.Of($"the broker to cancel the consumer of {queue}", WaitForCancel());

    /// <summary>
    /// Takes what arrives until no message has come between two round trips on this channel. The broker answers in
    /// order, so what it had sent before the answer has been handed over by then.
    /// </summary>
    public async Task<string[]> Rest()
    {
        var rest = new List<string>();
        int before;
        do
        {
            before = rest.Count;
            await Channel.BasicQosAsync(0, 0, global: false, patience.Deadline);
            await Channel.ExchangeDeclarePassiveAsync("amq.direct", patience.Deadline);
            while (_deliveries.Reader.TryRead(out var delivery))
            {
                rest.Add(delivery.Body);
            }
        }
        while (rest.Count != before);

        return [.. rest];
    }

    public override async Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default) =>
        await _deliveries.Writer.WriteAsync(
            new Delivery(deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray()),
            cancellationToken);

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _cancelled.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task<bool> WaitForCancel()
    {
        await _cancelled.Task;
        return true;
    }
}
