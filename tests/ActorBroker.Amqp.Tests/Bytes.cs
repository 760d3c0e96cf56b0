using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Tests;

/// <summary>Short ways to make and write down bytes.</summary>
internal static class Bytes
{
    public static byte[] Of(string hex) => Convert.FromHexString(hex);

    public static byte[] Of(Action<AmqpWriter> write)
    {
        var writer = new AmqpWriter(1); // has to grow
        write(writer);
        return writer.Written.ToArray();
    }

    public static string Hex(Action<AmqpWriter> write) => Convert.ToHexString(Of(write));

    /// <summary>Runs something on bytes of a stranger; a refusal is fine, any other exception is not.</summary>
    public static void Tolerate(Action action)
    {
        try
        {
            action();
        }
        catch (ConnectionException e) when (e.Code is ReplyCode.FrameError or ReplyCode.SyntaxError)
        {
            // the one exception a connection is ready for
        }
    }

    public static void AssertSyntaxError(Action action) =>
        Assert.Equal(ReplyCode.SyntaxError, Assert.Throws<ConnectionException>(action).Code);
}
