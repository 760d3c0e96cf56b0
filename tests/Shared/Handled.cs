using System.Collections.Concurrent;

namespace ActorBroker.Tests.Shared;

/// <summary>What the handlers of a framework have seen.</summary>
public sealed class Handled<T>
{
    private readonly BlockingCollection<T> _items = [];

    public Task Add(T item)
    {
        _items.Add(item);
        return Task.CompletedTask;
    }

    /// <summary>The next <paramref name="count"/> items; fails when one takes longer than the limit.</summary>
    public Task<T[]> TakeAsync(int count, TimeSpan limit) => Task.Run(() =>
    {
        var taken = new List<T>();
        while (taken.Count < count)
        {
            var arrived = _items.TryTake(out var item, limit);
            Assert.True(arrived, $"waited {limit} for item {taken.Count + 1} of {count}");
            taken.Add(item!);
        }

        return taken.ToArray();
    });
}
