namespace ActorBroker.Amqp;

/// <summary>A soft error: the channel closes by channel.close (20, 40), the connection lives on.</summary>
/// <param name="code">One of the 300s and 400s that do not close the connection.</param>
/// <param name="text">What went wrong, without the name of the code.</param>
/// <param name="methodId">Class number in the high, method number in the low 16 bits; 0 when no method did it.</param>
public sealed class ChannelException(ReplyCode code, string text, uint methodId = 0)
    : AmqpException(code, text, methodId);
