using ActorBroker.Core.Channels;
using CsCheck;

namespace ActorBroker.Core.Tests.Channels;

public sealed class SequenceRingSpec
{
    private readonly SequenceRing<int> _ring = new();

    [Fact]
    public void Numbers_start_at_one_and_follow_each_other()
    {
        Assert.Equal(1, _ring.Next);
        Assert.Equal([1L, 2, 3], [_ring.Add(10), _ring.Add(20), _ring.Add(30)]);
        Assert.Equal((4L, 3), (_ring.Next, _ring.Count));
    }

    [Fact]
    public void A_number_is_taken_once()
    {
        _ring.Add(10);
        _ring.Add(20);
        Assert.True(_ring.TryTake(2, out var item));
        Assert.Equal(20, item);
        Assert.False(_ring.TryTake(2, out _));
        Assert.False(_ring.Contains(2));
        Assert.True(_ring.Contains(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_number_that_was_never_given_is_not_there(long number)
    {
        _ring.Add(10);
        _ring.Add(20);
        Assert.False(_ring.TryTake(number, out var item));
        Assert.Equal(0, item);
        Assert.False(_ring.Contains(number));
        Assert.Equal(2, _ring.Count);
    }

    [Fact]
    public void A_skipped_number_is_used_up()
    {
        Assert.Equal([1L, 2, 3], [_ring.Skip(), _ring.Add(20), _ring.Skip()]);
        Assert.Equal(1, _ring.Count);
        Assert.False(_ring.Contains(1));
        Assert.False(_ring.Contains(3));
        Assert.Equal(2, _ring.PeekFirst());
    }

    [Fact]
    public void The_first_is_the_lowest_number_that_is_left()
    {
        for (var i = 1; i <= 5; i++)
        {
            _ring.Add(i * 10);
        }

        _ring.TryTake(1, out _);
        _ring.TryTake(3, out _);
        Assert.Equal(2, _ring.PeekFirst());
        Assert.Equal([(2L, 20), (4L, 40), (5L, 50)], TakeAll());
        Assert.Null(_ring.PeekFirst());
        Assert.False(_ring.TryTakeFirst(out _, out _));
    }

    [Fact]
    public void What_is_restored_has_its_old_number_and_place()
    {
        for (var i = 1; i <= 4; i++)
        {
            _ring.Add(i * 10);
        }

        foreach (var number in new[] { 3, 1, 2 })
        {
            _ring.TryTake(number, out _);
        }

        foreach (var number in new[] { 2, 3, 1 })
        {
            _ring.Restore(number, number * 10);
        }

        Assert.Equal([(1L, 10), (2L, 20), (3L, 30), (4L, 40)], TakeAll());
    }

    [Fact]
    public void A_few_that_stay_long_do_not_make_it_remember_all_that_came_after_them()
    {
        _ring.Add(1);
        for (var i = 2; i <= 1_000_000; i++)
        {
            Assert.Equal(i, _ring.Add(i));
            if (i % 100_000 != 0)
            {
                Assert.True(_ring.TryTake(i, out _));
            }
        }

        Assert.Equal(11, _ring.Count);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100_000; i++)
        {
            _ring.TryTake(_ring.Add(5), out _);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
        Assert.Equal([1L, .. Enumerable.Range(1, 10).Select(i => i * 100_000L)], TakeAll().Select(t => t.Number));
    }

    [Fact]
    public void In_order_it_allocates_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            _ring.Add(i);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            _ring.TryTakeFirst(out _, out _);
            _ring.Add(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Law_it_is_a_dictionary_with_numbers_of_its_own() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 400], Gen.Int[0, 1000]).List[0, 60].Sample(
            steps =>
            {
                var history = new History();
                foreach (var (kind, a, b) in steps)
                {
                    history.Do(kind, a, b);
                    history.Compare();
                }

                history.TakeAll();
            },
            iter: 100);

    private List<(long Number, int Item)> TakeAll()
    {
        var all = new List<(long, int)>();
        while (_ring.TryTakeFirst(out var number, out var item))
        {
            all.Add((number, item));
        }

        return all;
    }

    private sealed class History
    {
        private readonly SequenceRing<int> _ring = new();
        private readonly SortedDictionary<long, int> _model = [];
        private readonly SortedDictionary<long, int> _taken = [];
        private long _next = 1;

        public void Do(int kind, int a, int b)
        {
            switch (kind)
            {
                case <= 3:
                    for (var i = 0; i <= a; i++)
                    {
                        Add(b + i);
                    }

                    break;
                case 4:
                    Assert.Equal(_next++, _ring.Skip());
                    break;
                case 5 or 6:
                    Take(1 + (a * b % _next));
                    break;
                case 7:
                    TakeAllBut(1 + (a % 40)); // leaves some behind in the middle
                    break;
                case 8:
                    for (var i = 0; i < b % 50; i++)
                    {
                        TakeFirst();
                    }

                    break;
                case 9 or 10:
                    Restore(a);
                    break;
                case 11:
                    ReplaceAll(1 + (a % 30));
                    break;
                default:
                    Take(_next - 1 - (a % 5)); // from the tail
                    break;
            }
        }

        public void Compare()
        {
            Assert.Equal(_next, _ring.Next);
            Assert.Equal(_model.Count, _ring.Count);
            Assert.Equal(_model.Count == 0 ? null : _model.Keys.First(), _ring.PeekFirst());
            foreach (var number in _model.Keys.Concat(_taken.Keys).Append(_next).Append(0))
            {
                Assert.Equal(_model.ContainsKey(number), _ring.Contains(number));
            }
        }

        public void TakeAll()
        {
            while (_model.Count > 0)
            {
                TakeFirst();
            }

            TakeFirst();
        }

        private void Add(int item)
        {
            Assert.Equal(_next, _ring.Add(item));
            _model.Add(_next++, item);
        }

        private void Take(long number)
        {
            var known = _model.Remove(number, out var expected);
            Assert.Equal(known, _ring.TryTake(number, out var item));
            Assert.Equal(expected, item);
            if (known)
            {
                _taken.Add(number, item);
            }
        }

        private void ReplaceAll(int step)
        {
            var places = _ring.Places;
            var looked = 0;
            for (var more = step; more == step; looked += more)
            {
                more = _ring.Replace(looked, step, static item => item + 7);
            }

            Assert.Equal(places, looked);
            foreach (var number in _model.Keys.ToList())
            {
                _model[number] += 7;
            }
        }

        private void TakeAllBut(int each)
        {
            foreach (var number in _model.Keys.Where(n => n % each != 0).ToList())
            {
                Take(number);
            }
        }

        private void TakeFirst()
        {
            var any = _model.Count > 0;
            var lowest = any ? _model.First() : default;
            Assert.Equal(any, _ring.TryTakeFirst(out var number, out var item));
            if (any)
            {
                Assert.Equal((lowest.Key, lowest.Value), (number, item));
                _model.Remove(number);
                _taken.Add(number, item);
            }
        }

        private void Restore(int choice)
        {
            foreach (var (number, item) in _taken.Where(t => t.Key % 7 == choice % 7).ToList())
            {
                _ring.Restore(number, item);
                _model.Add(number, item);
                _taken.Remove(number);
            }
        }
    }
}
