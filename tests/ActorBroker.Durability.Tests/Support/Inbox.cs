using System.Threading.Channels;
using RabbitMQ.Client;

namespace ActorBroker.Durability.Tests.Support;

/// <summary>A consumer that keeps what it gets until the spec asks for it. Acknowledges nothing by itself.</summary>
public sealed class Inbox(IChannel channel, string queue, TimeSpan? patience = null) : AsyncDefaultBasicConsumer(channel)
{
    private readonly Channel<Delivery> _deliveries = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
    private int _taken;

    /// <summary>Deliveries that have arrived and were not taken yet.</summary>
    public int Waiting => _deliveries.Reader.Count;

    public async Task<Delivery> Next() =>
        await Support.Waiting.For($"delivery {++_taken} from {queue}", _deliveries.Reader.ReadAsync().AsTask(), patience);

    public async Task<List<Delivery>> Take(int count)
    {
        var taken = new List<Delivery>(count);
        while (taken.Count < count)
        {
            taken.Add(await Next());
        }

        return taken;
    }

    public async Task Ack(Delivery delivery, bool multiple = false) =>
        await Channel.BasicAckAsync(delivery.Tag, multiple);

    public async Task Requeue(Delivery delivery) =>
        await Channel.BasicNackAsync(delivery.Tag, multiple: false, requeue: true);

    public async Task Reject(Delivery delivery) => await Channel.BasicRejectAsync(delivery.Tag, requeue: false);

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
}
