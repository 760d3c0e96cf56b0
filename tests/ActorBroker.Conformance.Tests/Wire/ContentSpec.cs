using ActorBroker.Conformance.Tests.Brokers;
using ActorBroker.Conformance.Tests.Raw;
using ActorBroker.Conformance.Tests.Running;
using ActorBroker.Conformance.Tests.Support;

namespace ActorBroker.Conformance.Tests.Wire;

/// <summary>Method, header and body frames that do not belong together, and closing in their midst.</summary>
public abstract class ContentSpec(Broker broker) : RawSpec(broker)
{
    [ConformanceFact]
    public Task A_header_of_another_class_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(
            505, "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead"),
        [.. FrameBytes.PublishMethod(1, "", "q"), .. FrameBytes.Header(1, 0, classId: 50)]);

    [ConformanceFact]
    public Task A_method_in_place_of_the_header_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(
            505, "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"),
        [
            .. FrameBytes.PublishMethod(1, "", "q"),
            .. RawClientCalls.QosFrame,
        ]);

    [ConformanceFact]
    public Task A_body_in_place_of_the_header_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(
            505, "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead"),
        [.. FrameBytes.PublishMethod(1, "", "q"), .. FrameBytes.Body(1, "m"u8)]);

    [ConformanceFact]
    public Task A_method_in_place_of_the_body_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(505, "UNEXPECTED_FRAME - expected content body, got non content body frame instead"),
        [
            .. FrameBytes.PublishMethod(1, "", "q"),
            .. FrameBytes.Header(1, 4),
            .. FrameBytes.Body(1, "ab"u8),
            .. RawClientCalls.QosFrame,
        ]);

    [ConformanceFact]
    public Task A_header_without_a_method_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead"),
        FrameBytes.Header(1, 0));

    [ConformanceFact]
    public Task A_body_without_a_method_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead"),
        FrameBytes.Body(1, "m"u8));

    [ConformanceFact]
    public async Task A_body_longer_than_announced_is_never_delivered()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();
        await client.Send(
            [.. FrameBytes.PublishMethod(1, "", queue), .. FrameBytes.Header(1, 2), .. FrameBytes.Body(1, "abc"u8)]);

        if (Differences.TooLongBody.For(Kind) is { } code)
        {
            var refusal = await client.ExpectRefusal();
            Assert.Equal((Closes.Connection, code), (refusal.What, refusal.Code));
        }

        await OthersAreServed();
        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public Task A_body_after_an_empty_content_is_unexpected() => BytesAreRefused(
        Refusal.OfConnection(505, "UNEXPECTED_FRAME - expected method frame, got non method frame instead"),
        [.. FrameBytes.PublishMethod(1, "", "q"), .. FrameBytes.Header(1, 0), .. FrameBytes.Body(1, "m"u8)]);

    [ConformanceFact]
    public async Task The_connection_may_be_closed_inside_a_content()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();

        await client.Send(
        [
            .. FrameBytes.PublishMethod(1, "", queue),
            .. FrameBytes.Header(1, 100),
            .. FrameBytes.Body(1, "half"u8),
            .. FrameBytes.Method(0, Methods.ConnectionClose, a => a.Short(200).ShortString("bye").Short(0).Short(0)),
        ]);

        await client.Expect(Methods.ConnectionCloseOk);
        client.FinishSending();
        Assert.Empty(await client.ExpectEnd());
        Assert.Equal(0u, await Depth(queue));
    }

    [ConformanceFact]
    public async Task What_was_published_before_the_close_is_kept()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();

        await client.Send(
        [
            .. Enumerable.Range(0, 100).SelectMany(_ => FrameBytes.Publish(1, "", queue, "m"u8)),
            .. FrameBytes.Method(0, Methods.ConnectionClose, a => a.Short(200).ShortString("bye").Short(0).Short(0)),
        ]);

        await client.Expect(Methods.ConnectionCloseOk);
        await Phase.Until("100 messages", async () => await Depth(queue) == 100);
    }

    [ConformanceFact]
    public async Task What_was_published_before_a_channel_close_is_kept()
    {
        var queue = await Queue();
        await using var client = await OpenRawChannel();

        await client.Send(
        [
            .. Enumerable.Range(0, 100).SelectMany(_ => FrameBytes.Publish(1, "", queue, "m"u8)),
            .. FrameBytes.Method(1, Methods.ChannelClose, a => a.Short(200).ShortString("bye").Short(0).Short(0)),
        ]);

        await client.Expect(Methods.ChannelCloseOk);
        await Phase.Until("100 messages", async () => await Depth(queue) == 100);
    }

    [ConformanceFact]
    public async Task A_client_that_only_shuts_its_half_of_the_socket_is_let_go()
    {
        await using var client = await OpenRawChannel();

        await client.Send(FrameBytes.Publish(1, "", await Queue(), "m"u8.ToArray()));
        client.FinishSending();

        await client.ExpectEnd();
        await OthersAreServed();
    }

    [ConformanceFact]
    public async Task After_closing_the_broker_answers_nothing_but_close_ok()
    {
        await using var client = await OpenRawChannel();

        await client.Send(
        [
            .. FrameBytes.Method(0, Methods.ConnectionClose, a => a.Short(200).ShortString("bye").Short(0).Short(0)),
            .. RawClientCalls.QosFrame,
        ]);

        await client.Expect(Methods.ConnectionCloseOk);
        client.FinishSending();
        Assert.Empty(await client.ExpectEnd());
    }
}
