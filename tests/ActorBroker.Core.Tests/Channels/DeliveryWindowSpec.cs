using ActorBroker.Core.Channels;

namespace ActorBroker.Core.Tests.Channels;

public sealed class DeliveryWindowSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DeliveryWindow _window = new(100);

    [Fact]
    public void Is_open_until_as_many_bytes_are_under_way()
    {
        Assert.True(_window.IsOpen);
        _window.Sent(99);
        Assert.True(_window.IsOpen);
        _window.Sent(1);
        Assert.False(_window.IsOpen);
        Assert.False(_window.Grant(1)); // nobody waits
        Assert.True(_window.IsOpen);
    }

    [Fact]
    public void Who_waits_is_told_once()
    {
        _window.Sent(100);
        Assert.True(_window.Wait());
        Assert.True(_window.Grant(50));
        Assert.False(_window.Grant(50));
    }

    [Fact]
    public void Nobody_waits_for_a_window_that_is_open()
    {
        Assert.False(_window.Wait());
        Assert.False(_window.Grant(1));
    }

    [Fact]
    public async Task Between_two_threads_no_wake_up_is_lost()
    {
        const int messages = 10_000;
        var told = new SemaphoreSlim(0);
        var sent = new System.Collections.Concurrent.BlockingCollection<int>();
        var queue = Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < messages; i++)
                {
                    while (!_window.IsOpen && _window.Wait())
                    {
                        Assert.True(told.Wait(Patience), $"the queue waits for its window before message {i}");
                    }

                    _window.Sent(40);
                    sent.Add(40);
                }

                sent.CompleteAdding();
            },
            TaskCreationOptions.LongRunning);
        var consumer = Task.Factory.StartNew(
            () =>
            {
                foreach (var bytes in sent.GetConsumingEnumerable())
                {
                    if (_window.Grant(bytes))
                    {
                        told.Release();
                    }
                }
            },
            TaskCreationOptions.LongRunning);

        await Task.WhenAll(queue, consumer);
        Assert.True(_window.IsOpen);
    }
}
