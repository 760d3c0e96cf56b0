using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;
using RabbitMQ.Client;

namespace ActorBroker.Conformance.Tests.Errors;

/// <summary>What <c>basic.publish</c> (60, 40) and its content refuse.</summary>
public abstract class MessageErrorsSpec(Broker broker) : ConformanceSpec(broker)
{
    private static readonly byte[] Body = "m"u8.ToArray();

    [ConformanceFact]
    public async Task Publishing_to_a_missing_exchange_is_not_found()
    {
        var missing = Name("nope");

        await ClosesChannel(
            404,
            $"NOT_FOUND - no exchange '{missing}' in vhost '/'",
            c => Send(c, missing, "k", new BasicProperties()));
    }

    [ConformanceFact]
    public async Task Publishing_to_an_internal_exchange_is_refused()
    {
        var exchange = Name("internal");
        await DeclareInternal(exchange);

        await ClosesChannel(
            403,
            $"ACCESS_REFUSED - cannot publish to internal exchange '{exchange}' in vhost '/'",
            c => Send(c, exchange, "k", new BasicProperties()));
    }

    [ConformanceFact]
    public Task A_foreign_user_id_is_refused() => ClosesChannel(
        406,
        "PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was 'guest'",
        c => Send(c, "amq.fanout", "k", new BasicProperties { UserId = "somebody" }));

    [ConformanceFact]
    public async Task The_own_user_id_is_passed_on()
    {
        var queue = await Queue();

        await Publish("", queue, "m", new BasicProperties { UserId = "guest" });

        Assert.Equal("guest", (await Get(queue))?.Properties.UserId);
    }

    [ConformanceFact]
    public async Task An_impersonator_may_use_any_user_id()
    {
        var queue = await Queue();
        var actor = await ActorBroker.Tests.Shared.Publisher.Open(await Connect(Accounts.Impersonator), Phase);

        Assert.True(await actor.Publish("", queue, "m", new BasicProperties { UserId = "somebody" }));

        Assert.Equal("somebody", (await Get(queue))?.Properties.UserId);
    }

    [ConformanceTheory]
    [InlineData("abc", "no_integer")]
    [InlineData("-1", "{value_negative,-1}")]
    [InlineData("", "no_integer")]
    [InlineData("1.5", "{leftover_string,\".5\"}")]
    [InlineData("10s", "{leftover_string,\"s\"}")]
    public Task An_invalid_expiration_is_refused(string expiration, string reason) => ClosesChannel(
        406,
        $"PRECONDITION_FAILED - invalid expiration '{expiration}': {reason}",
        c => Send(c, "amq.fanout", "k", new BasicProperties { Expiration = expiration }));

    [ConformanceFact]
    public Task A_body_over_the_size_limit_is_refused() => ClosesChannel(
        406,
        $"PRECONDITION_FAILED - message size {Accounts.MaxMessageSize + 1} is larger than configured max size "
        + $"{Accounts.MaxMessageSize}",
        c => c.BasicPublishAsync("amq.fanout", "k", new byte[Accounts.MaxMessageSize + 1]).AsTask());

    [ConformanceFact]
    public async Task After_an_error_later_publishes_on_that_channel_are_ignored()
    {
        var queue = await Queue();
        var missing = Name("nope");

        await ClosesChannel(
            404,
            $"NOT_FOUND - no exchange '{missing}' in vhost '/'",
            async c =>
            {
                await Send(c, missing, "k", new BasicProperties());
                await Send(c, "", queue, new BasicProperties());
                await Send(c, "", queue, new BasicProperties());
            });

        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public Task Replying_to_direct_reply_to_without_a_reply_consumer_is_refused() => ClosesChannel(
        406,
        "PRECONDITION_FAILED - fast reply consumer does not exist",
        c => Send(c, "amq.fanout", "k", new BasicProperties { ReplyTo = "amq.rabbitmq.reply-to" }));

    private static Task Send(IChannel channel, string exchange, string key, BasicProperties properties) =>
        channel.BasicPublishAsync(exchange, key, mandatory: false, properties, Body).AsTask();

    private async Task DeclareInternal(string exchange)
    {
        await using var raw = await Raw.RawClient.Open(Broker.Endpoint, Phase);
        await raw.OpenChannel(1);
        await raw.Send(1, Raw.Methods.ExchangeDeclare, a => a
            .Short(0).ShortString(exchange).ShortString("fanout").Octet(0b01000).Table());
        await raw.Expect(Raw.Methods.ExchangeDeclareOk);
    }
}
