using System.Buffers;
using ActorBroker.Core.Channels;
using ActorBroker.Core.Messages;
using Akka.Actor;

namespace ActorBroker.Addresses;

/// <summary>
/// Messages of one publisher for one queue, from one socket read. The unit that crosses from channels to queue actors.
/// </summary>
/// <remarks>Ownership moves with the Tell: nobody touches it, its array or its messages' references afterwards.</remarks>
internal sealed partial class EnqueueBatch(QueueHandle queue, IPublisherCredit? publisher, ConfirmBatch? confirm, int capacity = 16) : INoSerializationVerificationNeeded
{
    private Message[] _messages = ArrayPool<Message>.Shared.Rent(capacity);
    private ulong[]? _tags;
    private ulong _firstTag;
    private bool _answered;

    /// <summary>Where they go.</summary>
    public QueueHandle Queue { get; } = queue;

    /// <summary>Who counts its bytes in flight; null when they come from a queue.</summary>
    public IPublisherCredit? Publisher { get; } = publisher;

    /// <summary>True for messages that leave a queue for its dead-letter exchange: no publisher waits for them.</summary>
    public bool IsDeadLetters => Publisher is null;

    /// <summary>The confirm that waits for this batch; null without confirms.</summary>
    public ConfirmBatch? Confirm { get; } = confirm;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of all of them, as the publisher's connection counts them in flight.</summary>
    public long Bytes { get; private set; }

    /// <summary>True when one of them has an expiration of its own.</summary>
    public bool HasExpirations { get; private set; }

    /// <summary>The messages.</summary>
    public ReadOnlySpan<Message> Messages => _messages.AsSpan(0, Count);

    /// <summary>Adds one; its reference moves in.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tag">Its publish tag, 0 without confirms.</param>
    public void Add(in Message message, ulong tag)
    {
        if (Count == _messages.Length)
        {
            Grow();
        }

        if (Count == 0)
        {
            _firstTag = tag;
        }
        else if (Confirm is not null && (_tags is not null || tag != _firstTag + (ulong)Count))
        {
            Note(tag);
        }

        _messages[Count++] = message;
        Bytes += message.Length;
        HasExpirations |= (message.Flags & MessageFlags.HasExpiration) != 0;
    }

    /// <summary>Publish tag of one message.</summary>
    public ulong TagOf(int index) => _tags is null ? _firstTag + (ulong)index : _tags[index];

    /// <summary>
    /// The queue has taken or refused them all: tells the publisher's side and returns the array. Counts once: a queue that fails
    /// afterwards must not answer in place of another one.
    /// </summary>
    public void Answer()
    {
        if (_answered)
        {
            return;
        }

        _answered = true;
        var bytes = Bytes;
        ArrayPool<Message>.Shared.Return(_messages, clearArray: true);
        _messages = [];
        Count = 0;
        Publisher?.Accepted(bytes);
        Confirm?.Done();
    }

    /// <summary>The queue could not be reached: every message is refused and its reference returned.</summary>
    public void Refuse()
    {
        MessageRun.Release(Messages);
        Abandon();
    }

    /// <summary>
    /// The queue failed, and nobody knows how many it has taken: every message is refused, and the references are left to the
    /// collector, since one that is returned twice would give the memory of another message away.
    /// </summary>
    public void Abandon()
    {
        for (var i = 0; i < Count; i++)
        {
            Confirm?.Nack(TagOf(i));
        }

        Confirm?.Fail();
        Answer();
    }

    private void Grow()
    {
        var larger = ArrayPool<Message>.Shared.Rent(Count * 2);
        Messages.CopyTo(larger);
        ArrayPool<Message>.Shared.Return(_messages, clearArray: true);
        _messages = larger;
    }

    /// <summary>Tags with gaps (the publishes between went elsewhere) are noted one by one.</summary>
    private void Note(ulong tag)
    {
        if (_tags is null)
        {
            _tags = new ulong[_messages.Length];
            for (var i = 0; i < Count; i++)
            {
                _tags[i] = _firstTag + (ulong)i;
            }
        }
        else if (Count >= _tags.Length)
        {
            Array.Resize(ref _tags, _messages.Length);
        }

        _tags[Count] = tag;
    }
}

/// <summary>Counts a publisher's bytes that no queue has taken yet. Called from queue actors, on any thread; must not throw.</summary>
internal interface IPublisherCredit
{
    /// <summary>So many bytes more go to queues: a queue that has ended sends them on, before it counts them as accepted.</summary>
    void Handed(long bytes);

    /// <summary>A queue has taken or refused these bytes.</summary>
    void Accepted(long bytes);
}
