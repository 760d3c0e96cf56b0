using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Tests.Security;

/// <summary>Rights on routing keys; the answers and the text are RabbitMQ 3.10's.</summary>
public sealed class TopicPermissionsSpec
{
    [Theory]
    [InlineData("^{username}\\.|^v{vhost}v", "bob.x.1", true)]
    [InlineData("^{username}\\.|^v{vhost}v", "v/v", true)]
    [InlineData("^{username}\\.|^v{vhost}v", "x.1", false)]
    [InlineData("^{username}\\.", "bobyx.1", false)] // RabbitMQ lets this one through: it takes the name for an expression
    [InlineData("", "x.1", false)]
    [InlineData("", "", true)]
    [InlineData(".*", "anything", true)]
    [InlineData("{other}", "{other}", true)]
    [InlineData("a", "bab", true)]
    public void Match_as_RabbitMQ_does_and_take_names_for_names(string expression, string key, bool allowed)
    {
        var topics = new TopicPermissions("bob.x", "/", expression, expression);
        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(allowed, topics.Allows(AccessRight.Write, Encoding.UTF8.GetBytes(key)));
            Assert.Equal(allowed, topics.Allows(AccessRight.Read, Encoding.UTF8.GetBytes(key)));
        }
    }

    [Theory]
    [InlineData(".*", "x")]
    [InlineData("{vhost}", "/")]
    public void A_name_that_looks_like_an_expression_is_none(string name, string key) =>
        Assert.False(new TopicPermissions(name, "/", "^{username}$", "").Allows(AccessRight.Write, Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void A_key_that_is_not_UTF_8_is_no_topic() =>
        Assert.False(new TopicPermissions("u", "/", "^a", "").Allows(AccessRight.Write, [(byte)'a', 0xFF]));

    [Fact]
    public void A_key_that_is_longer_than_any_is_no_topic_and_is_not_remembered()
    {
        var topics = new TopicPermissions("u", "/", "^a", "^a");
        Assert.True(topics.Allows(AccessRight.Write, Encoding.UTF8.GetBytes(new string('a', 255))));
        Assert.False(topics.Allows(AccessRight.Write, Encoding.UTF8.GetBytes(new string('a', 256))));
        Assert.False(topics.Allows(AccessRight.Read, Encoding.UTF8.GetBytes(new string('a', 256))));
    }

    [Fact]
    public void Remember_no_more_than_they_may()
    {
        var topics = new TopicPermissions("u", "/", "^a", "");
        for (var i = 0; i < 3 * TopicPermissions.CacheCapacity; i++)
        {
            Assert.True(topics.Allows(AccessRight.Write, Encoding.UTF8.GetBytes($"a{i}")));
        }
    }

    [Fact]
    public void Are_asked_for_by_exchange_and_go_by_the_user_as_it_is_now()
    {
        var user = new User("u", null).WithPermissions("v", Permissions.All);
        var access = new AccessControl(user, "v", () => user);
        Assert.Null(access.TopicsOf("t"));
        access.CheckTopicBind("t", "x");

        user = user.WithTopics("v", "t", new TopicPermissions("u", "v", "^a", "^b"));
        Assert.Null(access.TopicsOf("other"));
        access.CheckTopicBind("t", "b");
        access.CheckTopicPublish(access.TopicsOf("t")!, "t", "a"u8);
        var refusal = Assert.Throws<ChannelException>(() => access.CheckTopicBind("t", "a.x"));
        Assert.Equal("ACCESS_REFUSED - access to topic 'a.x' in exchange 't' in vhost 'v' refused for user 'u'", refusal.ReplyText);
        Assert.Throws<ChannelException>(() => access.CheckTopicPublish(access.TopicsOf("t")!, "t", "b"u8));

        user = user.WithoutTopics("v");
        access.CheckTopicBind("t", "a.x");
    }
}
