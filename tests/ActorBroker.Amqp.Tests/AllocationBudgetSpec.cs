using System.Buffers;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Framing;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Tests;

/// <summary>
/// Bytes allocated per operation on the hot path. Unlike a time, the number is the same on every machine,
/// so it can fail a build: lower a budget freely, raise one only with the reason in the commit.
/// </summary>
public class AllocationBudgetSpec
{
    private const int Runs = 1_000;

    private static readonly byte[] Properties = new BasicProperties
    {
        ContentType = "text/plain",
        Headers = FieldTable.Empty.With("tenant", "a").With("retries", 3).With("CC", new[] { "x", "y" }),
        DeliveryMode = 2,
        Priority = 5,
        Expiration = "60000",
        Timestamp = new AmqpTimestamp(1),
    }.ToBytes();

    private static readonly byte[] Stream = Bytes.Of(w =>
    {
        FrameWriter.WriteMethod(w, 1, new BasicPublish("logs"u8, "info"u8, false, false));
        FrameWriter.WriteContent(w, 1, Properties, new byte[1024], 131_072);
        FrameWriter.WriteMethod(w, 1, new BasicAck(7, true));
        FrameWriter.WriteMethod(w, 1, new BasicNack(8, false, true));
    });

    private static readonly AmqpWriter Output = new(4096);

    [Theory]
    [InlineData(nameof(WalkFrames), 0)]
    [InlineData(nameof(WalkFramesOfASequence), 0)]
    [InlineData(nameof(ReadPublish), 0)]
    [InlineData(nameof(ScanProperties), 0)]
    [InlineData(nameof(EditProperties), 0)]
    [InlineData(nameof(ReadAck), 0)]
    [InlineData(nameof(WriteDelivery), 0)]
    [InlineData(nameof(WriteAck), 0)]
    public void Stays_within_its_budget(string operation, long budget)
    {
        Action run = operation switch
        {
            nameof(WalkFrames) => WalkFrames,
            nameof(WalkFramesOfASequence) => WalkFramesOfASequence,
            nameof(ReadPublish) => ReadPublish,
            nameof(ScanProperties) => ScanProperties,
            nameof(EditProperties) => EditProperties,
            nameof(ReadAck) => ReadAck,
            nameof(WriteDelivery) => WriteDelivery,
            nameof(WriteAck) => WriteAck,
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
        run(); // warm up: statics

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++)
        {
            run();
        }

        Assert.Equal(budget * Runs, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void WalkFrames()
    {
        ReadOnlySpan<byte> rest = Stream;
        while (!rest.IsEmpty)
        {
            rest = rest[FrameReader.TryRead(rest, 131_072, out _, out _, out _)..];
        }
    }

    private static void WalkFramesOfASequence()
    {
        var rest = new ReadOnlySequence<byte>(Stream);
        while (FrameReader.TryRead(ref rest, 131_072, out _))
        {
        }
    }

    private static void ReadPublish()
    {
        FrameReader.TryRead(Stream, 131_072, out _, out _, out var length);
        var reader = new AmqpReader(Stream.AsSpan(FrameReader.HeaderSize, length));
        _ = reader.ReadLong();
        _ = BasicPublish.Read(ref reader).RoutingKey.Length;
    }

    private static void ScanProperties()
    {
        var view = PropertyView.Parse(Properties);
        _ = view.DeliveryMode + view.Priority;
        view.TryGetExpiration(out _);
        FieldTableBytes.TryFindInteger(view.Headers, "retries"u8, out _);
        FieldTableBytes.TryFind(view.Headers, "CC"u8, out _, out var array);
        foreach (var key in FieldTableBytes.EnumerateArray(array))
        {
            _ = key.Value.Length;
        }
    }

    private static void EditProperties()
    {
        Output.Clear();
        var changes = new PropertyChanges { RemovedHeader = "CC"u8, Removed = PropertyFlags.Expiration };
        PropertyEditor.Apply(Properties, changes, Output);
    }

    private static void ReadAck()
    {
        var reader = new AmqpReader([0, 0, 0, 0, 0, 0, 0, 7, 1]);
        _ = BasicAck.Read(ref reader).DeliveryTag;
    }

    private static void WriteDelivery()
    {
        Output.Clear();
        FrameWriter.WriteMethod(Output, 1, new BasicDeliver("ctag", 7, false, "logs", "info"));
        FrameWriter.WriteDeliver(Output, 1, "ctag"u8, 7, false, "logs"u8, "info"u8);
        FrameWriter.WriteContent(Output, 1, Properties, Stream.AsSpan(0, 100), 131_072);
    }

    private static void WriteAck()
    {
        Output.Clear();
        FrameWriter.WriteMethod(Output, 1, new BasicAck(7, true));
        FrameWriter.WriteHeartbeat(Output);
    }
}
