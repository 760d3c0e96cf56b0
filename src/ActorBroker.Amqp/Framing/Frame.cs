using System.Buffers;

namespace ActorBroker.Amqp.Framing;

/// <summary>One frame: its type, its channel and a view of its payload.</summary>
/// <param name="Type">One of <see cref="FrameType"/>, or what the peer sent instead.</param>
/// <param name="Channel">0 for the connection itself.</param>
/// <param name="Payload">Valid until the connection advances its reader.</param>
public readonly record struct Frame(byte Type, ushort Channel, ReadOnlySequence<byte> Payload);
