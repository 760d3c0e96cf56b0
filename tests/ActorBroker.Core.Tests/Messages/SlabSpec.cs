using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Tests.Messages;

/// <summary>Bytes of many messages under one reference count.</summary>
public sealed class SlabSpec
{
    [Fact]
    public void Every_message_is_one_reference_on_top_of_the_fillers_bias()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        slab.Give();
        slab.Give();
        slab.Retain(3); // fan-out to three more queues
        Assert.Equal(bias + 3, slab.References);

        slab.Release(4);
        Assert.Equal(bias - 1, slab.References);
        slab.Release(1);
        slab.Retire();
        Assert.Equal(Slab.Size, slab.Bytes.Length);
    }

    [Fact]
    public void While_one_message_is_out_its_slab_is_not_used_again()
    {
        var slab = Slab.Rent();
        slab.Give();
        slab.Retire();
        Assert.Equal(1, slab.References);

        var others = Enumerable.Range(0, 200).Select(_ => Slab.Rent()).ToList();
        Assert.DoesNotContain(slab, others);
        others.ForEach(o => o.Retire());
        slab.Release(1);
    }

    [Fact]
    public void A_slab_whose_references_are_all_returned_is_used_again()
    {
        // Other tests rent, too: hold many, give them back, and some must come again.
        var first = Enumerable.Range(0, 50).Select(_ => Slab.Rent()).ToHashSet();
        foreach (var slab in first)
        {
            slab.Give();
            slab.Retire();
            slab.Release(1);
        }

        var second = Enumerable.Range(0, 1100).Select(_ => Slab.Rent()).ToList();
        Assert.Contains(second, first.Contains);
        second.ForEach(s => s.Retire());
    }

    [Fact]
    public void Threads_return_references_in_any_order()
    {
        var slab = Slab.Rent();
        var bias = slab.References;
        for (var i = 0; i < 10_000; i++)
        {
            slab.Give();
        }

        Parallel.For(0, 10_000, i =>
        {
            slab.Retain(i % 3);
            slab.Release(1 + (i % 3));
        });
        Assert.Equal(bias - 10_000, slab.References);
        slab.Retire();
    }
}
