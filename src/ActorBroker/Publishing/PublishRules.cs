using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Security;

namespace ActorBroker.Publishing;

/// <summary>What a publish may say of itself.</summary>
internal static class PublishRules
{
    /// <summary>The longest time to live, in milliseconds: a little over 100 years, as in RabbitMQ.</summary>
    private const long MaxExpiration = 100L * 365 * 86_400_000;

    /// <summary>expiration is milliseconds in decimal, 0 or more.</summary>
    /// <exception cref="ChannelException">406 <c>invalid expiration …</c>.</exception>
    public static void CheckExpiration(ReadOnlySpan<byte> value)
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

    /// <summary>user_id must be the login, unless the user may impersonate.</summary>
    /// <exception cref="ChannelException">406 <c>user_id property set to …</c>.</exception>
    public static void CheckUserId(ReadOnlySpan<byte> userId, User user)
    {
        var claimed = Encoding.UTF8.GetString(userId);
        if ((claimed != user.Name || !Utf8.IsValid(userId)) && !user.Tags.Contains("impersonator"))
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, $"user_id property set to '{claimed}' but authenticated user was '{user.Name}'", BasicPublish.Id);
        }
    }

    private static ChannelException Invalid(ReadOnlySpan<byte> value, string why) =>
        new(ReplyCode.PreconditionFailed, $"invalid expiration '{Encoding.UTF8.GetString(value)}': {why}", BasicPublish.Id);
}
