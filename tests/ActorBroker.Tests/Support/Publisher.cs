using System.Globalization;
using System.Text;
using ActorBroker.Addresses;
using ActorBroker.Amqp.Content;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Tests.Support;

/// <summary>Publishes numbered messages in batches, as a channel does, and hears how it went.</summary>
internal sealed class Publisher : IPublisherCredit
{
    private long _accepted;

    /// <summary>Bytes that queues have taken or refused.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    void IPublisherCredit.Handed(long bytes) => Interlocked.Add(ref _accepted, -bytes);

    void IPublisherCredit.Accepted(long bytes) => Interlocked.Add(ref _accepted, bytes);

    public static Message Numbered(int number, BasicProperties? properties = null, string exchange = "", string key = "q")
    {
        var message = Message.Create(
            exchange, key, (properties ?? BasicProperties.Empty).ToBytes(), Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        message.Flags = properties?.Expiration is null ? MessageFlags.None : MessageFlags.HasExpiration;
        message.Priority = properties?.Priority ?? 0;
        return message;
    }

    /// <summary>A message whose properties end in the middle.</summary>
    public static Message Malformed(int number)
    {
        var message = Message.Create("", "q", [0x01, 0x00, 200], Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        message.Flags = MessageFlags.HasExpiration;
        return message;
    }

    public static int NumberOf(in Message message) => int.Parse(message.Body, CultureInfo.InvariantCulture);

    /// <summary>Tells a queue one batch; the answer is the publish tags that were refused. Tags count from 1.</summary>
    public Task<ulong[]> Publish(QueueHandle queue, params Message[] messages)
    {
        var confirm = new Confirm();
        confirm.Expect();
        var batch = new EnqueueBatch(queue, this, confirm);
        foreach (var message in messages)
        {
            batch.Add(message, confirm.Last++);
        }

        confirm.Last--;
        queue.Actor.Tell(batch, ActorRefs.NoSender);
        confirm.Done();
        return confirm.Answer;
    }

    /// <summary>
    /// The same, and the queue has done all that follows: timers are set. The confirm alone comes before that.
    /// </summary>
    public async Task<ulong[]> Put(QueueHandle queue, params Message[] messages)
    {
        var refused = await Publish(queue, messages);
        await Publish(queue, Array.Empty<Message>());
        return refused;
    }

    /// <summary>The same for who does not want to know.</summary>
    public void Tell(QueueHandle queue, params Message[] messages) => _ = Publish(queue, messages);

    /// <summary>The same for who does not want to know.</summary>
    public void Tell(QueueHandle queue, params int[] numbers) => _ = Publish(queue, numbers);

    public Task<ulong[]> Put(QueueHandle queue, params int[] numbers) => Put(queue, Array.ConvertAll(numbers, n => Numbered(n)));

    public Task<ulong[]> Publish(QueueHandle queue, params int[] numbers) => Publish(queue, Array.ConvertAll(numbers, n => Numbered(n)));
}

/// <summary>A confirm that a test can wait for.</summary>
internal sealed class Confirm(ulong first = 1) : ConfirmBatch(first)
{
    private readonly TaskCompletionSource<ulong[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _completions;

    /// <summary>The refused tags, when every queue has answered.</summary>
    public Task<ulong[]> Answer => _answer.Task;

    /// <summary>How often it was completed; must be once.</summary>
    public int Completions => Volatile.Read(ref _completions);

    protected override void Completed()
    {
        Interlocked.Increment(ref _completions);
        _answer.TrySetResult([.. Nacked]);
    }
}
