using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Conformance.Tests.Support;

public abstract partial class ConformanceSpec
{
    private static readonly TimeSpan RefusalLimit = TimeSpan.FromSeconds(5);

    /// <summary>The act closes its channel, and only that, with this code and text.</summary>
    protected Task ClosesChannel(ushort code, string text, Func<IChannel, Task> act) =>
        Refuses(Refusal.OfChannel(code, text), act);

    /// <summary>The act closes the whole connection with this code and text.</summary>
    protected Task ClosesConnection(ushort code, string text, Func<IChannel, Task> act) =>
        Refuses(Refusal.OfConnection(code, text), act);

    /// <summary>Runs the act on a channel of a new connection; compares the refusal word for word.</summary>
    protected async Task Refuses(Refusal expected, Func<IChannel, Task> act) =>
        Assert.Equal(expected, await Refused(await Connect(), act));

    /// <summary>The refusal that the act brings about on a channel of this connection.</summary>
    protected async Task<Refusal> Refused(IConnection connection, Func<IChannel, Task> act)
    {
        var channel = await Open(connection);
        var closed = new TaskCompletionSource<Refusal>(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, e) =>
        {
            // Closing a connection also shuts its channels down; the connection knows of its end before they do.
            var what = connection.IsOpen ? Closes.Channel : Closes.Connection;
            closed.TrySetResult(new Refusal(what, e.ReplyCode, e.ReplyText));
            return Task.CompletedTask;
        };

        Phase.Current = "the broker to refuse";
        try
        {
            await act(channel);

            // Methods without an answer are refused in their turn, which is before the answer to this one.
            await channel.BasicQosAsync(0, 0, global: false, Phase.Deadline);
        }
        catch (OperationInterruptedException)
        {
            // The shutdown event has the whole story.
        }

        try
        {
            return await closed.Task.WaitAsync(RefusalLimit, Phase.Deadline);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException("the broker accepted what it should have refused");
        }
    }
}
