using System.Text;

namespace ActorBroker.Amqp.Tests;

public class ErrorSpec
{
    [Theory]
    [InlineData(ReplyCode.PreconditionFailed, false)]
    [InlineData(ReplyCode.NoRoute, false)]
    [InlineData(ReplyCode.AccessRefused, false)]
    [InlineData(ReplyCode.ConnectionForced, true)]
    [InlineData(ReplyCode.InvalidPath, true)]
    [InlineData(ReplyCode.SyntaxError, true)]
    [InlineData(ReplyCode.NotAllowed, true)]
    public void Knows_what_a_reply_code_closes(ReplyCode code, bool connection) =>
        Assert.Equal(connection, code.ClosesConnection);

    [Fact]
    public void Writes_the_reply_text_with_the_name_of_its_code()
    {
        var error = new ChannelException(ReplyCode.NotFound, "no queue 'q' in vhost '/'", (50u << 16) | 10);

        Assert.Equal("NOT_FOUND - no queue 'q' in vhost '/'", error.ReplyText);
        Assert.Equal("no queue 'q' in vhost '/'", error.Text);
        Assert.Equal((50, 10), (error.ClassNumber, error.MethodNumber));
    }

    [Fact]
    public void Cuts_a_long_reply_text_to_255_bytes_between_characters()
    {
        var error = new ConnectionException(ReplyCode.NotAllowed, new string('é', 200));

        Assert.Equal(254, Encoding.UTF8.GetByteCount(error.ReplyText));
        Assert.StartsWith("NOT_ALLOWED - éé", error.ReplyText);
        Assert.EndsWith("é", error.ReplyText);
    }
}
