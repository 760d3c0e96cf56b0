using System.Buffers;

namespace ActorBroker.Publishing;

/// <summary>
/// Buffers that come and go with the load of a connection. Small ones come from the shared pool; large ones are left to the collector,
/// since the pool keeps dozens of each size for a minute: hundreds of connections would fill the memory with them. Any thread.
/// </summary>
internal static class PassingBuffers
{
    private const int LargestPooled = 256 << 10;

    /// <summary>A buffer of at least that many bytes, with anything in it.</summary>
    public static byte[] Rent(int size) => size > LargestPooled ? GC.AllocateUninitializedArray<byte>(size) : ArrayPool<byte>.Shared.Rent(size);

    /// <summary>Gives a buffer back that nobody looks at any more.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length is > 0 and <= LargestPooled)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
