using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Publishing;
using ActorBroker.Core.Security;
using ActorBroker.Core.Tests.Exchanges;

namespace ActorBroker.Core.Tests.Publishing;

/// <summary>An exchange is looked for, and rights on it are asked, once; and again as soon as the answer may be another.</summary>
public sealed class OpenExchangesSpec
{
    private readonly RoutingBench _bench = new();
    private readonly OpenExchanges _open = new();
    private User _user = new User("u", hash: null).WithPermissions("/", Permissions.All);
    private AccessControl _access;

    public OpenExchangesSpec() => _access = new AccessControl(_user, "/", () => _user);

    [Fact]
    public void A_declaration_elsewhere_costs_no_check()
    {
        _bench.Exchange("a", ExchangeType.Direct);
        _bench.Exchange("b", ExchangeType.Direct);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("a", Open("a"));
            Assert.Equal("b", Open("b"));
            _bench.Delete(_bench.Queue("q"));
            _bench.Delete(_bench.Exchange("c", ExchangeType.Direct));
        }

        Assert.Equal(2, _open.Checks);
    }

    [Fact]
    public void Rights_that_change_are_seen_at_once_by_each()
    {
        _bench.Exchange("a", ExchangeType.Direct);
        _bench.Exchange("b", ExchangeType.Direct);
        Open("a");
        Open("b");
        _user = _user.WithPermissions("/", new Permissions("", "^b", ""));
        Assert.Equal("b", Open("b")); // until the virtual host says that rights have changed, nobody asks
        Assert.Equal("a", Open("a"));
        _bench.RightsVersion++;

        Assert.Null(_open.LastFor(_access, _bench));
        Assert.Equal("b", Open("b"));
        Assert.Equal(ReplyCode.AccessRefused, Refusal("a"));
        Assert.Equal(ReplyCode.AccessRefused, Refusal("a"));
        _user = _user.WithPermissions("/", Permissions.All);
        _bench.RightsVersion++;
        Assert.Equal("a", Open("a"));
    }

    [Fact]
    public void Rights_on_topics_belong_to_the_check()
    {
        var exchange = _bench.Exchange("t", ExchangeType.Topic);
        _bench.Exchange("d", ExchangeType.Direct);
        var free = _open.Open("t"u8, _access, _bench);
        Assert.False(free.LimitsTopics);
        _user = _user.WithTopics("/", "t", new TopicPermissions("u", "/", "^mine", ""));
        _bench.RightsVersion++;

        Open("d");
        var limited = _open.Open("t"u8, _access, _bench);
        Assert.Same(exchange, limited.Exchange);
        Assert.True(limited.LimitsTopics);
        limited.CheckTopic("mine.x"u8);
        Assert.Equal(ReplyCode.AccessRefused, Assert.Throws<ChannelException>(() => limited.CheckTopic("yours"u8)).Code);
    }

    [Fact]
    public void Another_login_of_the_same_connection_is_asked_anew()
    {
        _bench.Exchange("a", ExchangeType.Direct);
        Open("a");
        var nobody = new User("n", hash: null).WithPermissions("/", Permissions.None);
        _access = new AccessControl(nobody, "/", () => nobody);
        Assert.Equal(ReplyCode.AccessRefused, Refusal("a"));
    }

    [Fact]
    public void An_exchange_that_is_deleted_and_another_one_of_its_name_are_seen_at_once()
    {
        var first = _bench.Exchange("a", ExchangeType.Direct);
        Open("a");
        _bench.Delete(first);
        Assert.Null(_open.LastFor(_access, _bench));
        Assert.Equal(ReplyCode.NotFound, Refusal("a"));
        Assert.Null(_open.Find("a"u8, _bench));

        var second = _bench.Exchange("a", ExchangeType.Fanout);
        Assert.Same(second, _open.Open("a"u8, _access, _bench).Exchange);
        Assert.Same(second, _open.Find("a"u8, _bench));
        _bench.Delete(second);
        _bench.Exchange("a", ExchangeType.Fanout, isInternal: true);
        Assert.Equal(ReplyCode.AccessRefused, Refusal("a"));
        Assert.Null(_open.Find("a"u8, _bench)); // a message that was let in goes nowhere
    }

    [Fact]
    public void A_virtual_host_that_was_added_again_is_another_one()
    {
        _bench.Exchange("a", ExchangeType.Direct);
        Open("a");
        var again = new RoutingBench();
        Assert.Null(_open.LastFor(_access, again));
        Assert.Null(_open.Find("a"u8, again));
        Assert.Equal(ReplyCode.NotFound, Assert.Throws<ChannelException>(() => _open.Open("a"u8, _access, again)).Code);
    }

    [Fact]
    public void More_than_it_remembers_are_checked_each_time_and_right()
    {
        var names = Enumerable.Range(0, OpenExchanges.Capacity + 4).Select(i => $"e{i}").ToArray();
        Array.ForEach(names, n => _bench.Exchange(n, ExchangeType.Direct));
        for (var round = 0; round < 3; round++)
        {
            Assert.All(names, n => Assert.Equal(n, Open(n)));
        }

        Assert.InRange(_open.Checks, names.Length + 1, names.Length * 3);
        for (var round = 0; round < 3; round++)
        {
            Assert.All(names[..8], n => Assert.Equal(n, Open(n)));
        }

        Assert.InRange(_open.Checks, names.Length + 1, (names.Length * 3) + 8);
    }

    [Fact]
    public void A_name_is_text()
    {
        byte[] name = [0xC3, 0x28];
        Assert.Equal(ReplyCode.FrameError, Assert.Throws<ConnectionException>(() => _open.Open(name, _access, _bench)).Code);
    }

    private string Open(string name) => _open.Open(Encoding.UTF8.GetBytes(name), _access, _bench).Exchange.Name;

    private ReplyCode Refusal(string name) =>
        Assert.Throws<ChannelException>(() => _open.Open(Encoding.UTF8.GetBytes(name), _access, _bench)).Code;
}
