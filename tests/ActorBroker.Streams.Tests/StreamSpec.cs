using System.Text;
using ActorBroker.Tests.Support;
using Akka.Actor;
using Akka.Streams;

namespace ActorBroker.Streams.Tests;

/// <summary>Streams over a broker in the same actor system.</summary>
public abstract class StreamSpec : BrokerSpec
{
    protected static readonly QueueOptions Transient = new() { Durable = false };

    protected IBroker Client => Broker.Client;

    protected IMaterializer Streams { get; private set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Streams = Sys.Materializer();
    }

    protected static ReadOnlyMemory<byte> Body(string text) => Encoding.UTF8.GetBytes(text);

    protected static ReadOnlyMemory<byte> Body(int number) => Body($"{number}");

    protected Task Publish(string queue, params string[] texts) => Soon(Task.WhenAll(texts.Select(t => Client.PublishAsync("", queue, Body(t)))), "confirms");

    protected Task Publish(string queue, int count) => Publish(queue, [.. Enumerable.Range(0, count).Select(i => $"{i}")]);

    protected async Task<string[]> Drain(string queue)
    {
        var texts = new List<string>();
        while (await Client.GetAsync(queue, autoAck: true) is { } delivery)
        {
            texts.Add(delivery.Text);
        }

        return [.. texts];
    }

    /// <summary>What the queue holds becomes this.</summary>
    protected Task Holds(string queue, int ready, int unacked = 0) =>
        Until(async () => await Client.InspectQueueAsync(queue) is var info && info.Ready == ready && info.Unacked == unacked, $"{ready} ready, {unacked} unacked in {queue}", queue);

    protected async Task Until(Func<Task<bool>> condition, string what, string? queue = null)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, $"waited {Patience.TotalSeconds} s for {what}{(queue is null ? "" : $"; it is {await Client.InspectQueueAsync(queue)}")}");
            await Task.Yield();
        }
    }
}
