using System.Net;
using ActorBroker.Amqp;
using ActorBroker.Core.Security;
using ActorBroker.Core.Tests.Exchanges;

namespace ActorBroker.Core.Tests.Security;

public sealed class AccessControlSpec
{
    /// <summary>Each operation, the rights it needs, and whose name stands in the refusal without them.</summary>
    public static TheoryData<string, string[]> Operations => new()
    {
        { "exchange.declare", ["configure exchange 'x'"] },
        { "a new exchange with AE", ["read exchange 'x'", "write exchange 'ae'"] },
        { "exchange.delete", ["configure exchange 'x'"] },
        { "exchange.bind", ["write exchange 'x'", "read exchange 'src'"] },
        { "queue.declare", ["configure queue 'q'"] },
        { "a new queue with DLX", ["read queue 'q'", "write exchange 'dlx'"] },
        { "queue.delete", ["configure queue 'q'"] },
        { "queue.bind", ["write queue 'q'", "read exchange 'x'"] },
        { "basic.get", ["read queue 'q'"] },
        { "basic.publish", ["write exchange 'x'"] },
        { "basic.publish to the default exchange", ["write exchange 'amq.default'"] },
    };

    [Fact]
    public void Goes_by_the_user_as_it_is_now()
    {
        User? now = new User("u", null, null, new Dictionary<string, Permissions> { ["/"] = new("^a", "", "") });
        var access = new AccessControl(now, "/", () => now);
        access.CheckQueueDelete("a");
        now = now.WithPermissions("/", new Permissions("^b", "", ""));
        access.CheckQueueDelete("b");
        Assert.Throws<ChannelException>(() => access.CheckQueueDelete("a"));
        now = now.WithPermissions("/", null);
        Assert.Throws<ChannelException>(() => access.CheckQueueDelete("b")); // and stays connected, as in RabbitMQ
        now = now.WithPermissions("/", Permissions.All);
        access.CheckQueueDelete("a");
        now = null;
        Assert.Throws<ChannelException>(() => access.CheckQueueDelete("a"));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Needs_exactly_these_rights(string operation, string[] rights)
    {
        Run(operation, rights); // all of them and no more
        foreach (var missing in rights)
        {
            var refusal = Assert.Throws<ChannelException>(() => Run(operation, rights.Where(r => r != missing)));
            var resource = missing[(missing.IndexOf(' ') + 1)..];
            Assert.Equal($"ACCESS_REFUSED - access to {resource} in vhost '/' refused for user 'u'", refusal.ReplyText);
        }
    }

    [Fact]
    public void A_virtual_host_without_permissions_is_closed()
    {
        var refusal = Assert.Throws<ConnectionException>(() => new AccessControl(new User("u", null), "v"));
        Assert.Equal("NOT_ALLOWED - access to vhost 'v' refused for user 'u'", refusal.ReplyText);
        var user = new User("u", null).WithPermissions("v", Permissions.All);
        Assert.NotNull(new AccessControl(user, "v"));
        Assert.Throws<ConnectionException>(() => new AccessControl(user.WithPermissions("v", null), "v"));
    }

    [Theory]
    [InlineData(".*", "any", true)]
    [InlineData("", "any", false)]
    [InlineData("", "amq.default", false)]
    [InlineData("a", "bab", true)] // unanchored
    [InlineData("^a$", "bab", false)]
    [InlineData("^(amq\\.gen.*|amq\\.default)$", "amq.gen-1", true)]
    [InlineData("^(amq\\.gen.*|amq\\.default)$", "x", false)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)]
    public void Matches_names_as_RabbitMQ_does(string expression, string name, bool allowed)
    {
        var permissions = new Permissions("^$", "^$", expression);
        Assert.Equal(allowed, permissions.Allows(AccessRight.Read, name));
        Assert.Equal(allowed, permissions.Allows(AccessRight.Read, name)); // now remembered
        Assert.False(permissions.Allows(AccessRight.Configure, name));
    }

    [Theory]
    [InlineData("^(?!secret).*")]
    [InlineData("(?<=a)b")]
    [InlineData("(a+)\\1$")]
    [InlineData("(?>a+)b")]
    [InlineData("((a{100}){100}){100}")]
    public void Refuses_an_expression_that_needs_backtracking_and_says_why(string expression)
    {
        foreach (var create in new Func<Permissions>[] { () => new(expression, "", ""), () => new("", expression, ""), () => new("", "", expression) })
        {
            var refusal = Assert.Throws<ArgumentException>(create);
            Assert.Contains($"'{expression}' needs backtracking", refusal.Message);
            Assert.Contains("lookarounds", refusal.Message);
        }
    }

    [Fact]
    public void Refuses_an_expression_that_is_none_or_too_long()
    {
        Assert.Throws<System.Text.RegularExpressions.RegexParseException>(() => new Permissions("(", "", ""));
        var refusal = Assert.Throws<ArgumentException>(() => new Permissions(new string('a', 4097), "", ""));
        Assert.Contains("4097 characters: must be at most 4096", refusal.Message);
    }

    [Fact]
    public void What_an_earlier_version_took_and_this_one_refuses_allows_nothing()
    {
        var stored = Permissions.FromStore("^(?!secret).*", ".*", ".*");
        Assert.Contains("backtracking", stored.Problem);
        Assert.Equal("^(?!secret).*", stored.Configure);
        Assert.All(Enum.GetValues<AccessRight>(), right => Assert.False(stored.Allows(right, "open")));
        Assert.Null(Permissions.FromStore("a", "b", "c").Problem);
    }

    [Fact]
    public void A_name_longer_than_any_can_be_is_allowed_nothing()
    {
        var permissions = new Permissions("a", "a", "a");
        Assert.True(permissions.Allows(AccessRight.Read, new string('a', 255)));
        Assert.False(permissions.Allows(AccessRight.Read, new string('a', 256)));
    }

    [Fact]
    public void Remembers_no_more_than_it_may()
    {
        var permissions = new Permissions("^a", "^b", "^c");
        for (var i = 0; i < 3 * Permissions.CacheCapacity; i++)
        {
            Assert.True(permissions.Allows(AccessRight.Configure, $"a{i}"));
            Assert.False(permissions.Allows(AccessRight.Write, $"a{i}"));
        }
    }

    [Theory]
    [InlineData("guest", "127.0.0.1", true)]
    [InlineData("guest", "127.1.2.3", true)]
    [InlineData("guest", "::1", true)]
    [InlineData("guest", "::ffff:127.0.0.1", true)]
    [InlineData("guest", "10.0.0.1", false)]
    [InlineData("guest", "::ffff:10.0.0.1", false)]
    [InlineData("other", "10.0.0.1", true)]
    public void Guest_connects_from_this_machine_only(string user, string peer, bool allowed)
    {
        Assert.Equal(allowed, LoopbackUsers.Default.Allows(user, IPAddress.Parse(peer)));
        Assert.True(LoopbackUsers.None.Allows(user, IPAddress.Parse(peer)));
        Assert.True(LoopbackUsers.Default.Allows(user, null));
    }

    private static void Run(string operation, IEnumerable<string> rights)
    {
        string Names(string right) => string.Join(
            '|', rights.Where(r => r.StartsWith(right)).Select(r => $"^{r.Split('\'')[1].Replace(".", "\\.")}$"));

        var permissions = new Permissions(Names("configure"), Names("write"), Names("read"));
        var access = new AccessControl(new User("u", null).WithPermissions("/", permissions), "/");
        var withAlternate = RoutingBench.Table(("alternate-exchange", "ae"));
        var withDeadLetter = RoutingBench.Table(("x-dead-letter-exchange", "dlx"));
        Action run = operation switch
        {
            "exchange.declare" => () => access.CheckExchangeDeclare("x"),
            "a new exchange with AE" => () => access.CheckExchangeArguments("x", withAlternate),
            "exchange.delete" => () => access.CheckExchangeDelete("x"),
            "exchange.bind" => () => access.CheckExchangeBind("x", "src"),
            "queue.declare" => () => access.CheckQueueDeclare("q"),
            "a new queue with DLX" => () => access.CheckQueueArguments("q", withDeadLetter),
            "queue.delete" => () => access.CheckQueueDelete("q"),
            "queue.bind" => () => access.CheckQueueBind("q", "x"),
            "basic.get" => () => access.CheckQueueRead("q"),
            "basic.publish" => () => access.CheckPublish("x"),
            _ => () => access.CheckPublish(""),
        };
        run();
    }
}
