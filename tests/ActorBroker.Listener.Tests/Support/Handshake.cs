using System.Text;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Tests.Support;

/// <summary>What a client answers on its way in; the defaults are those of a well-behaved one.</summary>
public sealed record Handshake
{
    public string Mechanism { get; init; } = "PLAIN";

    public byte[] Response { get; init; } = Plain("guest", "guest");

    public string VirtualHost { get; init; } = "/";

    public ushort ChannelMax { get; init; } = 2047;

    public uint FrameMax { get; init; } = 131072;

    /// <summary>Seconds; 0 for none.</summary>
    public ushort Heartbeat { get; init; }

    /// <summary>What the client says that it can.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } =
        ["authentication_failure_close", "connection.blocked", "consumer_cancel_notify", "basic.nack", "publisher_confirms"];

    public ConnectionStartOk StartOk => new(
        new FieldTable(
        [
            new("product", "test"),
            new("capabilities", new FieldTable(Capabilities.Select(c => KeyValuePair.Create(c, (object?)true)))),
        ]),
        Mechanism,
        new LongString(Response),
        "en_US");

    public ConnectionTuneOk TuneOk => new(ChannelMax, FrameMax, Heartbeat);

    public ConnectionOpen Open => new(VirtualHost);

    /// <summary>Everything that the client sends until it is in, without waiting for an answer.</summary>
    public byte[] AllAtOnce =>
        [.. Frames.ProtocolHeader, .. Frames.Method(0, StartOk), .. Frames.Method(0, TuneOk), .. Frames.Method(0, Open)];

    /// <summary>A SASL PLAIN response.</summary>
    public static byte[] Plain(string user, string password) => Encoding.UTF8.GetBytes($"\0{user}\0{password}");

    /// <summary>An AMQPLAIN response: a table without its length.</summary>
    public static byte[] AmqPlain(string user, string password) =>
        new FieldTable([new("LOGIN", user), new("PASSWORD", password)]).Encoded.ToArray();

    /// <summary>The login of another user.</summary>
    public Handshake As(string user, string password) => this with { Response = Plain(user, password) };
}
