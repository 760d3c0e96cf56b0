using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Publishing;

/// <summary>What a publish must fulfil to be taken, whoever publishes: a channel, or the process itself. The texts are RabbitMQ's.</summary>
internal static class PublishChecks
{
    /// <summary>The longest time to live, in milliseconds: a little over 100 years, as in RabbitMQ.</summary>
    private const long MaxExpiration = 100L * 365 * 86_400_000;

    /// <summary>reply-to of a message whose replies go straight to a consumer of its publisher, as a client writes it.</summary>
    public const string ReplyPseudoQueue = "amq.rabbitmq.reply-to";

    private static readonly byte[] ReplyPseudoQueueBytes = Encoding.UTF8.GetBytes(ReplyPseudoQueue);

    /// <summary>immediate is not supported.</summary>
    /// <exception cref="ConnectionException">540.</exception>
    public static void CheckImmediate(bool immediate)
    {
        if (immediate)
        {
            throw new ConnectionException(ReplyCode.NotImplemented, "immediate=true", BasicPublish.Id);
        }
    }

    /// <summary>The name of an exchange as text.</summary>
    /// <exception cref="ConnectionException">501, as RabbitMQ: not UTF-8, because two names must never read as one.</exception>
    public static string CheckName(ReadOnlySpan<byte> exchange) => Utf8.IsValid(exchange)
        ? Encoding.UTF8.GetString(exchange)
        : throw new ConnectionException(ReplyCode.FrameError, "Malformed UTF-8 in shortstr");

    /// <summary>The exchange must be there and take publishes.</summary>
    /// <param name="exchange">What was found; null for nothing.</param>
    /// <param name="name">What was looked for.</param>
    /// <param name="directory">Where.</param>
    /// <exception cref="ChannelException">404 there is none; 403 it is internal.</exception>
    public static ExchangeAddress CheckExchange(ExchangeAddress? exchange, string name, IExchangeDirectory directory)
    {
        if (exchange is null)
        {
            throw new ChannelException(ReplyCode.NotFound, $"no exchange '{name}' in vhost '{directory.Name}'", BasicPublish.Id);
        }

        return !exchange.Internal
            ? exchange
            : throw new ChannelException(
                ReplyCode.AccessRefused, $"cannot publish to internal exchange '{exchange.Name}' in vhost '{directory.Name}'", BasicPublish.Id);
    }

    /// <summary>No body is longer than the configuration allows.</summary>
    /// <exception cref="ChannelException">406.</exception>
    public static void CheckSize(ulong bodySize, long most)
    {
        if (bodySize > (ulong)most)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, $"message size {bodySize} is larger than configured max size {most}", BasicPublish.Id);
        }
    }

    /// <summary>Reads what the broker must know of the properties, and refuses what it must.</summary>
    /// <param name="properties">Flags and values, as in a content header.</param>
    /// <param name="mandatory">The publish asked for basic.return.</param>
    /// <param name="publishedTo">Whose user answers for user-id and further routing keys; null for the process itself, which may say anything.</param>
    /// <exception cref="ChannelException">406: expiration, user-id, CC or BCC are not what they should be; 403: no right on a topic.</exception>
    /// <exception cref="ConnectionException">502: malformed.</exception>
    public static PublishTraits Inspect(ReadOnlySpan<byte> properties, bool mandatory, OpenExchange? publishedTo)
    {
        var view = PropertyView.Parse(properties);
        var there = view.Flags;
        var flags = (mandatory ? MessageFlags.Mandatory : MessageFlags.None)
            | ((there & PropertyFlags.Headers) != 0 ? MessageFlags.HasHeaders : MessageFlags.None)
            | ((there & PropertyFlags.Expiration) != 0 ? MessageFlags.HasExpiration : MessageFlags.None)
            | (view.DeliveryMode == 2 ? MessageFlags.Persistent : MessageFlags.None);
        var copies = CarbonCopies.Parse(view.Headers); // refused here, before the publish has a tag
        if (publishedTo is { LimitsTopics: true })
        {
            foreach (var key in copies)
            {
                publishedTo.CheckTopic(key);
            }
        }

        if ((there & (PropertyFlags.Expiration | PropertyFlags.UserId | PropertyFlags.ReplyTo)) == 0)
        {
            return new PublishTraits(flags, view.Priority, AsksForReply: false, IsPlain: copies.IsEmpty);
        }

        if (view.TryGetUserId(out var user))
        {
            publishedTo?.Access?.CheckUserId(user);
        }

        if (view.TryGetExpiration(out var expiration))
        {
            CheckExpiration(expiration);
        }

        var asksForReply = view.TryGetReplyTo(out var replyTo) && replyTo.SequenceEqual(ReplyPseudoQueueBytes);
        return new PublishTraits(flags, view.Priority, asksForReply, IsPlain: false);
    }

    /// <summary>A publisher without a consumer of direct reply-to asked for a reply.</summary>
    /// <param name="hint">What to do instead; may be empty.</param>
    public static ChannelException NoReplyConsumer(string hint = "") =>
        new(ReplyCode.PreconditionFailed, $"fast reply consumer does not exist{hint}", BasicPublish.Id);

    /// <summary>expiration is milliseconds in decimal, 0 or more.</summary>
    private static void CheckExpiration(ReadOnlySpan<byte> value)
    {
        if (!Utf8Parser.TryParse(value, out long milliseconds, out var used) || used == 0)
        {
            throw Invalid(value, "no_integer");
        }

        if (used < value.Length)
        {
            throw Invalid(value, $"{{leftover_string,\"{Encoding.UTF8.GetString(value[used..])}\"}}");
        }

        if (milliseconds < 0)
        {
            throw Invalid(value, $"{{value_negative,{milliseconds}}}");
        }

        if (milliseconds > MaxExpiration)
        {
            throw Invalid(value, $"{{value_too_big,{milliseconds}}}");
        }
    }

    private static ChannelException Invalid(ReadOnlySpan<byte> value, string why) =>
        new(ReplyCode.PreconditionFailed, $"invalid expiration '{Encoding.UTF8.GetString(value)}': {why}", BasicPublish.Id);
}
