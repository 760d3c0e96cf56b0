using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Where bytes become names: 0xFF is in no name, and what it would read as is another name.</summary>
public sealed class NameArgumentsSpec
{
    private static readonly byte[] Bad = [.. "ne"u8, 0xFF];

    private readonly TopologyState _state = new();

    public NameArgumentsSpec()
    {
        foreach (var e in _state.DecideVirtualHostAdd("/"))
        {
            _state.Apply(e);
        }
    }

    [Theory]
    [InlineData("x-dead-letter-exchange")]
    [InlineData("x-dead-letter-routing-key")]
    public void A_queue_with_bytes_for_a_name_is_refused(string argument)
    {
        var refusal = Assert.Throws<ChannelException>(() => Declare(With(argument, new LongString(Bad))));
        Assert.Equal((ReplyCode.PreconditionFailed, $"invalid arg '{argument}' for queue 'q' in vhost '/': it is not valid UTF-8"), (refusal.Code, refusal.Text));
        refusal = Assert.Throws<ChannelException>(() => Declare(With(argument, new string('é', 128))));
        Assert.EndsWith("it has 256 bytes, a name has at most 255", refusal.Text, StringComparison.Ordinal);
        Assert.NotEmpty(Declare(With(argument, new string('é', 127))));
    }

    [Theory]
    [InlineData("x-overflow")]
    [InlineData("x-queue-mode")]
    [InlineData("x-queue-type")]
    [InlineData("x-dead-letter-strategy")]
    public void So_are_words_that_are_none(string argument) =>
        Assert.Equal(ReplyCode.PreconditionFailed, Assert.Throws<ChannelException>(() => Declare(With(argument, new LongString(Bad)))).Code);

    [Fact]
    public void An_exchange_with_bytes_for_a_name_is_refused()
    {
        var arguments = new FieldTable([new("alternate-exchange", new LongString(Bad))]);
        var refusal = Assert.Throws<ChannelException>(() => _state.DecideExchangeDeclare(
            new ExchangeDeclaration("/", "e", "direct", Durable: false, AutoDelete: false, Internal: false, arguments)));
        Assert.Equal("invalid arg 'alternate-exchange' for exchange 'e' in vhost '/': it is not valid UTF-8", refusal.Text);
    }

    [Fact]
    public void A_right_is_not_passed_by_with_bytes_that_read_as_another_name()
    {
        var access = new AccessControl(new User("u", null).WithPermissions("/", new Permissions(".*", "^mine", ".*")), "/");
        Assert.Throws<ChannelException>(() => access.CheckQueueArguments("q", With("x-dead-letter-exchange", new LongString(Bad))));
        Assert.Throws<ChannelException>(() => access.CheckExchangeArguments("e", With("alternate-exchange", new LongString(Bad))));
        Assert.Throws<ChannelException>(() => access.CheckQueueArguments("q", With("x-dead-letter-exchange", "not mine")));
        access.CheckQueueArguments("q", With("x-dead-letter-exchange", "mine"));
    }

    [Fact]
    public void What_an_earlier_version_has_written_is_still_read()
    {
        var table = With("x-dead-letter-exchange", new LongString(Bad));
        Assert.Equal("ne\uFFFD", QueueArguments.Parse(table, "q", "/").DeadLetterExchange);
    }

    private static FieldTable With(string argument, object value) =>
        argument == "x-dead-letter-routing-key" ? new([new("x-dead-letter-exchange", "d"), new(argument, value)]) : new([new(argument, value)]);

    private IReadOnlyList<ITopologyEvent> Declare(FieldTable arguments) => _state.DecideQueueDeclare(
        new QueueDeclaration("/", "q", Durable: false, Exclusive: false, AutoDelete: false, arguments), uid: 1, connectionId: 1);
}
