using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>Methods out of turn, on the wrong channel, or not implemented.</summary>
public abstract class ChannelStateSpec(Broker broker) : RawSpec(broker)
{
    private static readonly byte[] OpenChannel1 = FrameBytes.Method(1, Methods.ChannelOpen, a => a.ShortString(""));

    [ConformanceFact]
    public Task Opening_a_channel_twice_is_a_channel_error() => BytesAreRefused(
        Refusal.OfConnection(504, "CHANNEL_ERROR - second 'channel.open' seen"), OpenChannel1);

    [ConformanceFact]
    public Task A_method_on_a_channel_that_is_not_open_is_a_channel_error() => BytesAreRefused(
        Refusal.OfConnection(504, "CHANNEL_ERROR - expected 'channel.open'"),
        FrameBytes.Method(2, Methods.BasicQos, a => a.Long(0).Short(0).Octet(0)));

    [ConformanceFact]
    public Task Content_on_a_channel_that_is_not_open_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead"),
        FrameBytes.Header(2, 0));

    [ConformanceFact]
    public Task Tuning_a_second_time_is_a_channel_error() => BytesAreRefused(
        Refusal.OfConnection(504, "CHANNEL_ERROR - unexpected method in connection state running"),
        FrameBytes.Method(0, Methods.ConnectionTuneOk, a => a.Short(0).Long(131072).Short(0)));

    [ConformanceFact]
    public Task Opening_the_connection_a_second_time_is_a_channel_error() => BytesAreRefused(
        Refusal.OfConnection(504, "CHANNEL_ERROR - unexpected method in connection state running"),
        FrameBytes.Method(0, Methods.ConnectionOpen, a => a.ShortString("/").ShortString("").Octet(0)));

    [ConformanceFact]
    public Task A_channel_method_on_channel_0_is_refused() => BytesAreRefused(
        Refusal.OfConnection(504, "CHANNEL_ERROR - unexpected method in connection state running"),
        FrameBytes.Method(0, Methods.ChannelOpen, a => a.ShortString("")));

    [ConformanceFact]
    public Task A_connection_method_on_a_channel_is_refused() => BytesAreRefused(
        503,
        "COMMAND_INVALID - ",
        FrameBytes.Method(1, Methods.ConnectionOpen, a => a.ShortString("/").ShortString("").Octet(0)));

    [ConformanceFact]
    public Task A_method_of_the_server_is_refused() => BytesAreRefused(
        503,
        "COMMAND_INVALID - ",
        FrameBytes.Method(1, Methods.QueueDeclareOk, a => a.ShortString("q").Long(0).Long(0)));

    [ConformanceFact]
    public Task An_unknown_method_ends_the_connection() =>
        BytesEndTheConnection(Differences.UnknownMethod.For(Kind), FrameBytes.Method(1, new MethodId(60, 999)));

    [ConformanceFact]
    public Task An_unknown_class_ends_the_connection() =>
        BytesEndTheConnection(Differences.UnknownMethod.For(Kind), FrameBytes.Method(1, new MethodId(61, 10)));

    [ConformanceFact]
    public Task Arguments_cut_short_are_refused() => BytesAreRefused(
        Differences.MalformedArguments.For(Kind).Code,
        Differences.MalformedArguments.For(Kind).Name,
        FrameBytes.Method(1, Methods.QueueDeclare, a => a.Short(0).Octet(200)));

    [ConformanceFact]
    public Task Immediate_is_not_implemented() => BytesAreRefused(
        Refusal.OfConnection(540, "NOT_IMPLEMENTED - immediate=true"),
        [.. FrameBytes.PublishMethod(1, "", "q", flags: 2), .. FrameBytes.Header(1, 0)]);

    [ConformanceFact]
    public Task Recover_without_requeue_is_not_implemented() => BytesAreRefused(
        Refusal.OfConnection(540, "NOT_IMPLEMENTED - requeue=false"),
        FrameBytes.Method(1, Methods.BasicRecover, a => a.Octet(0)));

    [ConformanceFact]
    public Task Recover_async_without_requeue_is_not_implemented() => BytesAreRefused(
        Refusal.OfConnection(540, "NOT_IMPLEMENTED - requeue=false"),
        FrameBytes.Method(1, Methods.BasicRecoverAsync, a => a.Octet(0)));

    [ConformanceFact]
    public Task Pausing_the_flow_is_not_implemented() => BytesAreRefused(
        Refusal.OfConnection(540, "NOT_IMPLEMENTED - active=false"),
        FrameBytes.Method(1, Methods.ChannelFlow, a => a.Octet(0)));

    [ConformanceFact]
    public async Task Resuming_the_flow_is_answered()
    {
        await using var client = await OpenRawChannel();
        await client.Send(1, Methods.ChannelFlow, a => a.Octet(1));

        Assert.Equal(1, (await client.Expect(Methods.ChannelFlowOk)).Arguments().Octet());
    }

    [ConformanceFact]
    public async Task The_agreed_number_of_channels_is_the_limit()
    {
        await using var client = await OpenRaw(new Handshake { ChannelMax = 3 });
        await client.OpenChannel(1);
        await client.OpenChannel(2);
        await client.OpenChannel(3);
        await client.Send(4, Methods.ChannelOpen, a => a.ShortString(""));

        Assert.Equal(
            Refusal.OfConnection(
                530, "NOT_ALLOWED - number of channels opened (3) has reached the negotiated channel_max (3)"),
            await client.ExpectRefusal());
        await OthersAreServed();
    }

    [ConformanceFact]
    public async Task A_closed_channel_makes_room_for_another()
    {
        await using var client = await OpenRaw(new Handshake { ChannelMax = 2 });
        for (var round = 0; round < 5; round++)
        {
            await client.OpenChannel(1);
            await client.OpenChannel(2);
            foreach (var channel in new ushort[] { 1, 2 })
            {
                await client.Send(channel, Methods.ChannelClose, a => a.Short(200).ShortString("").Short(0).Short(0));
                await client.Expect(Methods.ChannelCloseOk);
            }
        }
    }

    [ConformanceFact]
    public async Task A_refusal_names_the_method_that_failed()
    {
        await using var client = await OpenRawChannel();
        await client.Send(1, Methods.QueueDeclare, a => a.Short(0).ShortString("nope").Octet(1).Table());
        var close = (await client.Expect(Methods.ChannelClose)).Arguments();
        Assert.Equal(404, close.Short());
        close.ShortString();

        Assert.Equal(Methods.QueueDeclare, new MethodId(close.Short(), close.Short()));
    }

    [ConformanceFact]
    public async Task A_channel_number_is_free_again_after_an_error_was_confirmed()
    {
        await using var client = await OpenRawChannel();
        await client.Send(1, Methods.QueueDeclare, a => a.Short(0).ShortString("nope").Octet(1).Table());
        Assert.Equal(404, (await client.ExpectRefusal()).Code);

        await client.OpenChannel(1);
    }

    [ConformanceFact]
    public async Task Frames_after_a_channel_error_are_ignored_until_it_is_confirmed()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        await client.Send(1, Methods.QueueDeclare, a => a.Short(0).ShortString("nope").Octet(1).Table());
        await client.Send(FrameBytes.Publish(1, "", queue, "ignored"u8));
        await client.Send(1, Methods.BasicQos, a => a.Long(0).Short(0).Octet(0));
        Assert.Equal(404, (await client.ExpectRefusal()).Code);

        await client.OpenChannel(1);
        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task A_client_that_does_not_know_cancel_is_not_told_of_a_deleted_queue()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        await client.Consume(queue);

        await Channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
        await client.RoundTrip();
        await client.RoundTrip();
    }
}
