namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>The few calls that most raw tests make on channel 1.</summary>
public static class RawClientCalls
{
    /// <summary>A <c>basic.qos</c> (60, 10) that changes nothing, as bytes.</summary>
    public static readonly byte[] QosFrame = FrameBytes.Method(1, Methods.BasicQos, a => a.Long(0).Short(0).Octet(0));

    extension(RawClient client)
    {
        /// <summary>Once answered, the broker has seen all that was sent on the channel before.</summary>
        public async Task RoundTrip()
        {
            await client.Send(QosFrame);
            await client.Expect(Methods.BasicQosOk);
        }

        /// <summary><c>basic.consume</c> (60, 20) with the consumer tag <c>t</c>, up to its answer.</summary>
        public async Task Consume(string queue, bool autoAck = false)
        {
            await client.Send(1, Methods.BasicConsume, a => a
                .Short(0).ShortString(queue).ShortString("t").Octet(autoAck ? (byte)2 : (byte)0).Table());
            await client.Expect(Methods.BasicConsumeOk);
        }

        /// <summary><c>basic.get</c> (60, 70) of a message that has to be there; its properties and body.</summary>
        public async Task<(byte[] Properties, byte[] Body)> Get(string queue, bool autoAck = true)
        {
            await client.Send(1, Methods.BasicGet, a => a
                .Short(0).ShortString(queue).Octet(autoAck ? (byte)1 : (byte)0));
            await client.Expect(Methods.BasicGetOk);
            return await client.ReadContent();
        }

        /// <summary>Tag and redelivered flag of the next <c>basic.deliver</c> (60, 60); skips its content.</summary>
        public async Task<(ulong Tag, bool Redelivered)> ExpectDelivery()
        {
            var deliver = (await client.Expect(Methods.BasicDeliver)).Arguments();
            Assert.Equal("t", deliver.ShortString());
            var delivery = (deliver.LongLong(), deliver.Octet() != 0);
            await client.ReadContent();
            return delivery;
        }

        /// <summary>A content header and one body frame; the properties start with the flags word.</summary>
        public async Task<(byte[] Properties, byte[] Body)> ReadContent()
        {
            var header = await client.ReadPastHeartbeats();
            Assert.Equal(FrameBytes.HeaderFrame, header?.Type);
            var body = await client.ReadPastHeartbeats();
            Assert.Equal(FrameBytes.BodyFrame, body?.Type);
            return (header!.Payload[12..], body!.Payload);
        }
    }
}
