namespace ActorBroker.Amqp;

/// <summary>
/// Why a channel or a connection was closed, or a message returned. The numbers are fixed by AMQP 0-9-1,
/// "Reply Code Definitions"; 312 is RabbitMQ's.
/// </summary>
public enum ReplyCode : ushort
{
    /// <summary>200: closed at the peer's own wish.</summary>
    Success = 200,

    /// <summary>311, closes the channel: the content is larger than the receiver accepts.</summary>
    ContentTooLarge = 311,

    /// <summary>312, basic.return only: a mandatory message reached no queue.</summary>
    NoRoute = 312,

    /// <summary>313, basic.return only: an immediate message found no consumer.</summary>
    NoConsumers = 313,

    /// <summary>320, closes the connection: an operator's decision, such as a shutdown.</summary>
    ConnectionForced = 320,

    /// <summary>402, closes the connection: the virtual host named in connection.open is not a valid one.</summary>
    InvalidPath = 402,

    /// <summary>403, closes the channel: the user may not do this, or the name is reserved.</summary>
    AccessRefused = 403,

    /// <summary>404, closes the channel: no such exchange, queue or binding.</summary>
    NotFound = 404,

    /// <summary>405, closes the channel: the queue is exclusive to another connection.</summary>
    ResourceLocked = 405,

    /// <summary>406, closes the channel: for example a redeclare with other properties.</summary>
    PreconditionFailed = 406,

    /// <summary>501, closes the connection: a frame that is too large or has no end.</summary>
    FrameError = 501,

    /// <summary>502, closes the connection: a field did not parse.</summary>
    SyntaxError = 502,

    /// <summary>503, closes the connection: a method that is not known or not allowed now.</summary>
    CommandInvalid = 503,

    /// <summary>504, closes the connection: a channel that is not open, or opened twice.</summary>
    ChannelError = 504,

    /// <summary>505, closes the connection: a content frame where none was expected, or the reverse.</summary>
    UnexpectedFrame = 505,

    /// <summary>506, closes the connection: the broker ran out of something.</summary>
    ResourceError = 506,

    /// <summary>530, closes the connection: forbidden whatever the permissions say.</summary>
    NotAllowed = 530,

    /// <summary>540, closes the connection: asked for something this broker does not do.</summary>
    NotImplemented = 540,

    /// <summary>541, closes the connection: the broker failed.</summary>
    InternalError = 541,
}

/// <summary>What a <see cref="ReplyCode"/> is called on the wire and how far its damage reaches.</summary>
public static class ReplyCodes
{
    extension(ReplyCode code)
    {
        /// <summary>True when the whole connection closes, false when only the channel does.</summary>
        public bool ClosesConnection => (ushort)code is 320 or 402 or >= 500;

        /// <summary>The name that starts every reply text, for example <c>NOT_FOUND</c>.</summary>
        public string Name => code switch
        {
            ReplyCode.Success => "REPLY_SUCCESS",
            ReplyCode.ContentTooLarge => "CONTENT_TOO_LARGE",
            ReplyCode.NoRoute => "NO_ROUTE",
            ReplyCode.NoConsumers => "NO_CONSUMERS",
            ReplyCode.ConnectionForced => "CONNECTION_FORCED",
            ReplyCode.InvalidPath => "INVALID_PATH",
            ReplyCode.AccessRefused => "ACCESS_REFUSED",
            ReplyCode.NotFound => "NOT_FOUND",
            ReplyCode.ResourceLocked => "RESOURCE_LOCKED",
            ReplyCode.PreconditionFailed => "PRECONDITION_FAILED",
            ReplyCode.FrameError => "FRAME_ERROR",
            ReplyCode.SyntaxError => "SYNTAX_ERROR",
            ReplyCode.CommandInvalid => "COMMAND_INVALID",
            ReplyCode.ChannelError => "CHANNEL_ERROR",
            ReplyCode.UnexpectedFrame => "UNEXPECTED_FRAME",
            ReplyCode.ResourceError => "RESOURCE_ERROR",
            ReplyCode.NotAllowed => "NOT_ALLOWED",
            ReplyCode.NotImplemented => "NOT_IMPLEMENTED",
            ReplyCode.InternalError => "INTERNAL_ERROR",
            _ => $"CODE_{(ushort)code}",
        };
    }
}
