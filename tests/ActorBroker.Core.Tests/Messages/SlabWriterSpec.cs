using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Messages;

/// <summary>Room for messages, one after the other.</summary>
public sealed class SlabWriterSpec
{
    [Fact]
    public void Messages_lie_side_by_side_in_one_slab()
    {
        using var writer = new SlabWriter();
        var (buffer, owner, offset) = writer.Allocate(100);
        var (sameBuffer, sameOwner, next) = writer.Allocate(50);
        Assert.Same(buffer, sameBuffer);
        Assert.Same(owner, sameOwner);
        Assert.Equal(offset + 100, next);
        owner!.Release(2);
    }

    [Fact]
    public void A_message_that_does_not_fit_any_more_goes_to_the_next_slab()
    {
        using var writer = new SlabWriter();
        var first = writer.Allocate(Slab.LargestShared);
        var second = writer.Allocate(Slab.LargestShared);
        var third = writer.Allocate(1);
        Assert.Same(first.Owner, second.Owner);
        Assert.Equal(Slab.Size, second.Offset + Slab.LargestShared);
        Assert.NotSame(first.Owner, third.Owner);
        Assert.Equal(0, third.Offset);
        first.Owner!.Release(2);
        third.Owner!.Release(1);
    }

    [Fact]
    public void A_large_message_gets_a_buffer_of_its_own_and_leaves_the_slab_alone()
    {
        using var writer = new SlabWriter();
        var before = writer.Allocate(10);
        var large = writer.Allocate(Slab.LargestShared + 1);
        var after = writer.Allocate(10);
        Assert.Null(large.Owner);
        Assert.Equal((Slab.LargestShared + 1, 0), (large.Buffer.Length, large.Offset));
        Assert.Same(before.Owner, after.Owner);
        Assert.Equal(before.Offset + 10, after.Offset);
        before.Owner!.Release(2);
    }

    [Fact]
    public void Disposing_settles_what_was_given_out_and_no_more()
    {
        var writer = new SlabWriter();
        var slab = writer.Allocate(10).Owner!;
        writer.Allocate(10);
        writer.Dispose();
        Assert.Equal(2, slab.References);
        writer.Dispose();
        Assert.Equal(2, slab.References);
        slab.Release(2);
    }

    [Fact]
    public void Finding_room_allocates_nothing_when_slabs_come_back()
    {
        using var writer = new SlabWriter();
        Fill(writer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(writer);

        // A slab is 64 KiB, and other tests use some, too: far fewer than the 1500 that were filled may be new.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * Slab.Size);

        static void Fill(SlabWriter writer)
        {
            for (var i = 0; i < 100_000; i++)
            {
                writer.Allocate(1000).Owner!.Release(1);
            }
        }
    }
}
