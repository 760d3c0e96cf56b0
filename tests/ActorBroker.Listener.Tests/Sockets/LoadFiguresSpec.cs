using System.Diagnostics;
using System.Net.Sockets;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Listener.Tests.Support;
using Xunit.Abstractions;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>What idle connections and many queues cost. Prints the figures; the ceilings are generous.</summary>
[Collection(Measured.Name)]
public sealed class LoadFiguresSpec(ITestOutputHelper output) : SocketSpec
{
    [Fact]
    public async Task Two_thousand_idle_connections_cost_less_than_120_KiB_each()
    {
        const int Connections = 2000;
        var listener = await Listen();
        var script = new Handshake { Heartbeat = 60 }.AllAtOnce;
        var sockets = new List<Socket>();
        await Fill(sockets, 100); // what is allocated once
        var (heap, working) = Memory();
        await Fill(sockets, Connections);
        var (heapAfter, workingAfter) = Memory();

        var (perHeap, perWorking) = ((heapAfter - heap) / 1024.0 / Connections, (workingAfter - working) / 1024.0 / Connections);
        output.WriteLine(
            $"{Connections} idle connections, both ends in this process: {perHeap:0.0} KiB of heap and {perWorking:0.0} KiB of working set each");
        Assert.InRange(perHeap, 0, 120);
        Assert.InRange(perWorking, double.MinValue, 120);
        var watch = Stopwatch.StartNew();
        sockets.ForEach(s => s.Dispose());
        await Eventually(() => !Broker.Connections.Any() && !ConnectionActors.Any(), "all connections to end");
        output.WriteLine($"they were gone after {watch.ElapsedMilliseconds} ms");

        async Task Fill(List<Socket> list, int more)
        {
            var all = list.Count + more;
            while (list.Count < all)
            {
                var socket = await SocketClient.ConnectSocket(Plain(listener));
                await socket.SendAsync(script);
                list.Add(socket);
            }

            await Eventually(() => Broker.Connections.Count() == all, $"{all} connections to be in");
        }
    }

    [Fact]
    public async Task Ten_thousand_queues_are_declared_and_deleted_over_one_connection_in_seconds()
    {
        const int Queues = 10_000;
        await using var client = await SocketClient.Connect(Plain(await Listen()));
        await client.Open();
        await client.OpenChannel(1);
        await client.Declare(1, "first");
        var (heap, working) = Memory();
        var watch = Stopwatch.StartNew();
        var sending = client.SendFlood(Enumerable.Range(0, Queues).SelectMany(i => Frames.Method(
            1, new QueueDeclare($"q{i}", false, false, false, false, false, FieldTable.Empty))).ToArray());
        for (var i = 0; i < Queues; i++)
        {
            Assert.Equal($"q{i}", (await client.Expect<QueueDeclareOk>(1)).Queue);
        }

        await sending;
        var seconds = watch.Elapsed.TotalSeconds;
        var (heapAfter, workingAfter) = Memory();
        output.WriteLine(
            $"{Queues} queues: {seconds:0.00} s, {(heapAfter - heap) / 1024.0 / Queues:0.0} KiB of heap and "
            + $"{(workingAfter - working) / 1024.0 / Queues:0.0} KiB of working set each");
        Assert.InRange(seconds, 0, 30);
        Assert.InRange((heapAfter - heap) / 1024.0 / Queues, 0, 24);

        watch.Restart();
        sending = client.SendFlood(Enumerable.Range(0, Queues).SelectMany(i => Frames.Method(
            1, new QueueDelete($"q{i}", false, false, false))).ToArray());
        for (var i = 0; i < Queues; i++)
        {
            await client.Expect<QueueDeleteOk>(1);
        }

        await sending;
        output.WriteLine($"deleted in {watch.Elapsed.TotalSeconds:0.00} s");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }

    private static (long Heap, long Working) Memory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return (heap, process.WorkingSet64);
    }
}
