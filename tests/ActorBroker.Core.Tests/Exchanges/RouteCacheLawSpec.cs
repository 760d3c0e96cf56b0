using System.Text;
using ActorBroker.Core.Exchanges;
using CsCheck;

namespace ActorBroker.Core.Tests.Exchanges;

/// <summary>Whatever happens to the topology: what the cache says is what a walk would find at that moment.</summary>
public sealed class RouteCacheLawSpec
{
    private static readonly string[] Keys = ["q0", "q1", "q2", "a.b", "a", ""];
    private static readonly string[] BindingKeys = ["q0", "a.b", "a", "#", "*.b", ""];
    private static readonly string?[] Alternates = [null, null, "e0", "e1", "e2", "", "nowhere"];
    private static readonly ExchangeType[] Types = [ExchangeType.Direct, ExchangeType.Topic, ExchangeType.Fanout, ExchangeType.Headers];

    [Fact]
    public void Law_a_remembered_route_is_the_one_that_a_walk_finds() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 99], Gen.Int[0, 99], Gen.Int[0, 99]).List[0, 120].Sample(
            steps =>
            {
                var history = new History();
                foreach (var (what, a, b, c) in steps)
                {
                    history.Do(what, a, b, c);
                    history.Compare(a, b);
                    history.Compare(b, c); // two exchanges in turn
                }
            },
            iter: 2_000);

    private sealed class History
    {
        private readonly RoutingBench _bench = new();
        private readonly RouteCache _cache = new();
        private readonly RouteResult _fresh = new();
        private readonly ExchangeAddress?[] _exchanges = new ExchangeAddress?[5];
        private readonly QueueAddress?[] _queues = new QueueAddress?[4];
        private readonly List<(int Source, string Key, Destination Destination)> _bindings = [];

        public History() => _exchanges[4] = _bench.Exchange("", ExchangeType.Direct);

        public void Do(int what, int a, int b, int c)
        {
            switch (what)
            {
                case 0 or 1:
                    _exchanges[a % 4] ??= _bench.Exchange($"e{a % 4}", Types[b % Types.Length], Alternates[c % Alternates.Length]);
                    break;
                case 2 or 3:
                    _queues[a % 4] ??= _bench.Queue($"q{a % 4}");
                    break;
                case 4 or 5 when _exchanges[a % 4] is { } source && DestinationOf(b) is { } destination:
                    Bind(a % 4, source, BindingKeys[c % BindingKeys.Length], destination);
                    break;
                case 6 when _bindings.Count > 0:
                    var (from, key, to) = _bindings[a % _bindings.Count];
                    _bindings.RemoveAt(a % _bindings.Count);
                    _bench.Unbind(_exchanges[from]!, key, to);
                    break;
                case 7 when _queues[a % 4] is { } queue:
                    Forget(queue);
                    _queues[a % 4] = b % 2 == 0 ? null : _bench.Queue($"q{a % 4}"); // at once, under the same name
                    break;
                case 8 when _exchanges[a % 4] is { } exchange:
                    Forget(exchange);
                    _exchanges[a % 4] = b % 2 == 0 ? null : _bench.Exchange($"e{a % 4}", Types[c % Types.Length], Alternates[b % Alternates.Length]);
                    break;
            }
        }

        public void Compare(int exchange, int key)
        {
            if (_exchanges[exchange % 5] is not { } start)
            {
                return;
            }

            var input = new RoutingInput(Encoding.UTF8.GetBytes(Keys[key % Keys.Length]));
            Router.Route(start, input, _bench, _fresh);
            var remembered = _cache.Route(start, input, _bench).ToArray();
            Assert.Equal(_fresh.Queues.ToArray().ToHashSet(ReferenceEqualityComparer.Instance), remembered.ToHashSet(ReferenceEqualityComparer.Instance));
            Assert.Equal(_fresh.Count, remembered.Length);
        }

        private void Bind(int from, ExchangeAddress source, string key, Destination destination)
        {
            if (!_bindings.Contains((from, key, destination)))
            {
                _bindings.Add((from, key, destination));
                _bench.Bind(source, key, destination);
            }
        }

        private void Forget(Destination gone)
        {
            _bindings.RemoveAll(b => b.Destination == gone || _exchanges[b.Source] == gone);
            _bench.Delete(gone);
        }

        private Destination? DestinationOf(int index) => index % 8 < 4 ? _queues[index % 8] : _exchanges[index % 4];
    }
}
