using ActorBroker.Amqp;
using ActorBroker.Amqp.Content;
using ActorBroker.Amqp.Methods;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Messages;
using ActorBroker.Core.Publishing;
using ActorBroker.Core.Security;
using ActorBroker.Core.Tests.Exchanges;

namespace ActorBroker.Core.Tests.Publishing;

/// <summary>What a publish must fulfil, said once for channels and for the process itself.</summary>
public sealed class PublishChecksSpec
{
    private readonly RoutingBench _bench = new();

    [Fact]
    public void Reads_what_the_broker_must_know()
    {
        Assert.Equal(new PublishTraits(MessageFlags.None, 0, AsksForReply: false, IsPlain: true), Inspect(new BasicProperties()));
        Assert.Equal(
            new PublishTraits(MessageFlags.Persistent | MessageFlags.Mandatory, 7, AsksForReply: false, IsPlain: true),
            Inspect(new BasicProperties { DeliveryMode = 2, Priority = 7, MessageId = "m" }, mandatory: true));
        Assert.Equal(
            new PublishTraits(MessageFlags.HasHeaders, 0, AsksForReply: false, IsPlain: true),
            Inspect(new BasicProperties { Headers = RoutingBench.Table(("a", 1)) }));
        Assert.Equal(
            new PublishTraits(MessageFlags.HasHeaders, 0, AsksForReply: false, IsPlain: false),
            Inspect(new BasicProperties { Headers = RoutingBench.Table(("CC", new object?[] { "b" })) }));
        Assert.Equal(
            new PublishTraits(MessageFlags.HasExpiration, 0, AsksForReply: false, IsPlain: false), Inspect(new BasicProperties { Expiration = "60" }));
        Assert.True(Inspect(new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to" }).AsksForReply);
        Assert.False(Inspect(new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to.x" }).AsksForReply);
    }

    [Theory]
    [InlineData("", "no_integer")]
    [InlineData("soon", "no_integer")]
    [InlineData("1s", "{leftover_string,\"s\"}")]
    [InlineData("-1", "{value_negative,-1}")]
    [InlineData("3153600000001", "{value_too_big,3153600000001}")]
    public void An_expiration_is_milliseconds(string expiration, string why)
    {
        var refusal = Assert.Throws<ChannelException>(() => Inspect(new BasicProperties { Expiration = expiration }));
        Assert.Equal($"PRECONDITION_FAILED - invalid expiration '{expiration}': {why}", refusal.ReplyText);
        Assert.Equal(BasicPublish.Id, refusal.MethodId);
    }

    [Fact]
    public void A_user_id_is_that_of_the_login_or_an_impersonators()
    {
        var claim = new BasicProperties { UserId = "somebody" };
        var refusal = Assert.Throws<ChannelException>(() => Inspect(claim, publishedTo: OpenTo(User("guest"))));
        Assert.Equal("PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was 'guest'", refusal.ReplyText);
        Inspect(claim, publishedTo: OpenTo(User("somebody")));
        Inspect(claim, publishedTo: OpenTo(User("guest", "impersonator")));
        Inspect(claim); // the process itself has no login

        User? current = User("guest", "impersonator");
        var access = new AccessControl(current, "/", () => current);
        current = null; // deleted meanwhile
        Assert.Throws<ChannelException>(() => access.CheckUserId("somebody"u8));
        access.CheckUserId("guest"u8);
    }

    [Fact]
    public void Further_keys_are_asked_for_like_the_first()
    {
        var open = OpenTo(User("u").WithTopics("/", "t", new TopicPermissions("u", "/", "^mine", "")));
        Inspect(new BasicProperties { Headers = RoutingBench.Table(("CC", new object?[] { "mine.x" })) }, publishedTo: open);
        foreach (var name in new[] { "CC", "BCC" })
        {
            var yours = new BasicProperties { Headers = RoutingBench.Table((name, new object?[] { "mine.x", "yours" })) };
            Assert.Equal(ReplyCode.AccessRefused, Assert.Throws<ChannelException>(() => Inspect(yours, publishedTo: open)).Code);
            Inspect(yours);
        }

        Assert.Throws<ChannelException>(() => Inspect(new BasicProperties { Headers = RoutingBench.Table(("CC", "no array")) }));
    }

    [Fact]
    public void An_exchange_is_there_and_takes_publishes()
    {
        var refusal = Assert.Throws<ChannelException>(() => PublishChecks.CheckExchange(null, "e", _bench));
        Assert.Equal("NOT_FOUND - no exchange 'e' in vhost '/'", refusal.ReplyText);
        refusal = Assert.Throws<ChannelException>(
            () => PublishChecks.CheckExchange(_bench.Exchange("i", ExchangeType.Direct, isInternal: true), "i", _bench));
        Assert.Equal("ACCESS_REFUSED - cannot publish to internal exchange 'i' in vhost '/'", refusal.ReplyText);
        var open = _bench.Exchange("o", ExchangeType.Direct);
        Assert.Same(open, PublishChecks.CheckExchange(open, "o", _bench));
    }

    [Fact]
    public void A_body_has_its_limit_and_immediate_is_no_more()
    {
        PublishChecks.CheckSize(100, 100);
        var refusal = Assert.Throws<ChannelException>(() => PublishChecks.CheckSize(101, 100));
        Assert.Equal("PRECONDITION_FAILED - message size 101 is larger than configured max size 100", refusal.ReplyText);
        Assert.Equal(ReplyCode.PreconditionFailed, Assert.Throws<ChannelException>(() => PublishChecks.CheckSize(ulong.MaxValue, 100)).Code);
        PublishChecks.CheckImmediate(false);
        Assert.Equal("NOT_IMPLEMENTED - immediate=true", Assert.Throws<ConnectionException>(() => PublishChecks.CheckImmediate(true)).ReplyText);
    }

    private static PublishTraits Inspect(BasicProperties properties, bool mandatory = false, OpenExchange? publishedTo = null) =>
        PublishChecks.Inspect(properties.ToBytes(), mandatory, publishedTo);

    private static User User(string name, params string[] tags) => new User(name, hash: null, tags).WithPermissions("/", Permissions.All);

    private static OpenExchange OpenTo(User user)
    {
        var bench = new RoutingBench();
        bench.Exchange("t", ExchangeType.Topic);
        return new OpenExchanges().Open("t"u8, new AccessControl(user, "/", () => user), bench);
    }
}
