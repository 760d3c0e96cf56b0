using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Channels;

/// <summary>Clients that never wait for an answer, on many channels at once: each channel sees its own order, whatever answers race.</summary>
public sealed class PipelinedMethodsSpec : ListenerSpec
{
    private const int Channels = 8;
    private const int Rounds = 40;

    [Fact]
    public async Task Every_answer_tells_of_all_that_was_sent_before_it_on_its_channel()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Open()));
        await Task.WhenAll(clients.Select((client, i) => Run(client, i)));
        foreach (var client in clients)
        {
            await client.Wire.Close();
            await client.Ended();
        }
    }

    [Fact]
    public async Task Clients_that_vanish_in_the_middle_of_it_leave_nothing()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Open()));
        await Task.WhenAll(clients.Select(async (client, i) =>
        {
            var script = Script(i, new Random(i));
            await client.Wire.SendFlood(script.AsMemory(0, script.Length * (i + 1) / 9)).WaitAsync(WireClient.Patience);
            await client.Wire.DisposeAsync();
            await client.Ended();
        }));

        await Eventually(() => !Broker.FindVirtualHost("/")!.Queues.Any(), "their exclusive queues to go");
        await OthersAreServed();
    }

    private static async Task Run(ServedClient client, int number)
    {
        var script = Script(number, new Random(number));
        var sending = client.Wire.SendFlood(script);
        var rounds = new int[Channels + 1];
        var opened = new int[Channels + 1];
        while (opened.Skip(1).Any(o => o < 1 + (Rounds / 10)))
        {
            var frame = (await client.Wire.Read("answers"))!;
            switch (frame.MethodId)
            {
                case QueueDeclareOk.Id:
                    Assert.Equal(2u, frame.As<QueueDeclareOk>().MessageCount); // of three one was got
                    rounds[frame.Channel]++;
                    break;
                case BasicGetOk.Id:
                    await client.Wire.ReadContent(frame.Channel);
                    break;
                case ChannelOpenOk.Id:
                    opened[frame.Channel]++;
                    break;
                case ChannelCloseOk.Id:
                    Assert.Equal(10 * opened[frame.Channel], rounds[frame.Channel]);
                    break;
                default:
                    Assert.Fail($"{frame}");
                    break;
            }
        }

        await sending.WaitAsync(WireClient.Patience);
        Assert.All(rounds.Skip(1), r => Assert.Equal(Rounds, r));
    }

    /// <summary>Each round: a queue is declared, gets three messages, gives one, is counted and deleted; now and then the channel is another one.</summary>
    private static byte[] Script(int number, Random dice)
    {
        var scripts = Enumerable.Range(1, Channels).Select(c => new Queue<byte[]>(Frame((ushort)c, number))).ToList();
        var bytes = new List<byte>();
        while (scripts.Any(s => s.Count > 0))
        {
            if (scripts[dice.Next(Channels)].TryDequeue(out var frame))
            {
                bytes.AddRange(frame);
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<byte[]> Frame(ushort channel, int number)
    {
        var queue = $"pipelined-{number}-{channel}";
        yield return Frames.Method(channel, default(ChannelOpen));
        for (var round = 1; round <= Rounds; round++)
        {
            yield return Frames.Method(channel, new QueueDeclare(queue, false, false, Exclusive: true, false, NoWait: true, FieldTable.Empty));
            for (var i = 0; i < 3; i++)
            {
                yield return Frames.PublishMethod(channel, "", queue);
                yield return Frames.Header(channel, 100);
                yield return Frames.Body(channel, new byte[100]);
            }

            yield return Frames.Method(channel, new BasicGet(queue, NoAck: true));
            yield return Frames.Method(channel, new QueueDeclare(queue, Passive: true, false, false, false, NoWait: false, FieldTable.Empty));
            yield return Frames.Method(channel, new QueueDelete(queue, IfUnused: false, IfEmpty: false, NoWait: true));
            if (round % 10 == 0)
            {
                yield return Frames.Method(channel, new ChannelClose(ReplyCode.Success, "", 0, 0));
                yield return Frames.Method(channel, default(ChannelOpen));
            }
        }
    }
}
