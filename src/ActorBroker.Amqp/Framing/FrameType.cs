namespace ActorBroker.Amqp.Framing;

/// <summary>The first octet of a frame. Any other value is for the connection to refuse (501 FRAME_ERROR).</summary>
public static class FrameType
{
    /// <summary>1: a method and its arguments.</summary>
    public const byte Method = 1;

    /// <summary>2: size and properties of the content that follows.</summary>
    public const byte Header = 2;

    /// <summary>3: a piece of the content.</summary>
    public const byte Body = 3;

    /// <summary>8: sign of life, on channel 0, without payload.</summary>
    public const byte Heartbeat = 8;
}
