using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Content of different channels may come in pieces, mixed as the client likes.</summary>
public sealed class InterleavedContentSpec : ListenerSpec
{
    [Fact]
    public async Task Bodies_of_fifty_channels_in_mixed_pieces_arrive_whole()
    {
        const int Channels = 50;
        var random = new Random(50);
        var client = await Open();
        var bodies = new byte[Channels + 1][];
        var parts = new List<Queue<byte[]>>();
        for (ushort n = 1; n <= Channels; n++)
        {
            await client.Wire.OpenChannel(n);
            await client.Wire.Declare(n, $"q{n}");
            bodies[n] = new byte[random.Next(0, 40_000)];
            random.NextBytes(bodies[n]);
            parts.Add(Parts(n, bodies[n], random));
        }

        var mixed = new List<byte>();
        while (parts.Count > 0)
        {
            var i = random.Next(parts.Count);
            mixed.AddRange(parts[i].Dequeue());
            if (random.Next(10) == 0)
            {
                mixed.AddRange(Frames.Heartbeat);
            }

            if (parts[i].Count == 0)
            {
                parts.RemoveAt(i);
            }
        }

        var all = mixed.ToArray();
        for (var at = 0; at < all.Length;) // in pieces that have nothing to do with frames
        {
            var length = Math.Min(random.Next(1, 5000), all.Length - at);
            await client.Wire.SendFlood(all.AsMemory(at, length));
            at += length;
        }

        for (ushort n = 1; n <= Channels; n++)
        {
            Assert.Equal(bodies[n], (await client.Wire.Get(n, $"q{n}"))!.Body);
        }
    }

    [Fact]
    public async Task A_method_on_one_channel_is_served_while_another_is_in_the_middle_of_a_body()
    {
        var client = await OpenChannel();
        await client.Wire.OpenChannel(2);
        await client.Wire.Declare(1, "q");
        await client.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 6), .. Frames.Body(1, "abc"u8)]);

        await client.Wire.RoundTrip(2);
        await client.Wire.Send(Frames.Body(1, "def"u8));
        Assert.Equal("abcdef", (await client.Wire.Get(1, "q"))?.Text);
    }

    [Fact]
    public async Task A_channel_may_be_closed_in_the_middle_of_a_publish_which_is_then_forgotten()
    {
        var client = await OpenChannel();
        await client.Wire.Declare(1, "q");
        await client.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 6), .. Frames.Body(1, "abc"u8)]);
        await client.Wire.Call<ChannelClose, ChannelCloseOk>(1, new ChannelClose(Amqp.ReplyCode.Success, "", 0, 0));
        await client.Wire.OpenChannel(1);

        Assert.Null(await client.Wire.Get(1, "q"));
        await client.Wire.RoundTrip(1);
    }

    [Fact]
    public async Task A_connection_may_be_closed_in_the_middle_of_a_publish()
    {
        var client = await OpenChannel();
        await client.Wire.Send((byte[])[.. Frames.PublishMethod(1, "", "q"), .. Frames.Header(1, 6)]);

        await client.Wire.Close();
        await client.Ended();
    }

    private static Queue<byte[]> Parts(ushort channel, byte[] body, Random random)
    {
        var parts = new Queue<byte[]>([Frames.PublishMethod(channel, "", $"q{channel}"), Frames.Header(channel, (ulong)body.Length)]);
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(random.Next(0, 4000), body.Length - at); // empty body frames are allowed
            parts.Enqueue(Frames.Body(channel, body.AsSpan(at, length)));
            at += length;
        }

        return parts;
    }
}
