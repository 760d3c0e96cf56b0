using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>connection.start</c> (10, 10), broker to client: the first method, says what the broker is and can. Answered by
/// start-ok.
/// </summary>
/// <param name="VersionMajor">0.</param>
/// <param name="VersionMinor">9.</param>
/// <param name="ServerProperties">Product, version, capabilities.</param>
/// <param name="Mechanisms">SASL mechanisms, separated by spaces.</param>
/// <param name="Locales">Locales, separated by spaces.</param>
public readonly record struct ConnectionStart(
    byte VersionMajor, byte VersionMinor, FieldTable ServerProperties, string Mechanisms, string Locales)
    : IAmqpMethod<ConnectionStart>
{
    /// <summary>Class 10, method 10.</summary>
    public const uint Id = (10u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionStart Read(ref AmqpReader reader)
    {
        var versionMajor = reader.ReadOctet();
        var versionMinor = reader.ReadOctet();
        var serverProperties = reader.ReadTable();
        var mechanisms = reader.ReadLongText();
        var locales = reader.ReadLongText();
        return new ConnectionStart(versionMajor, versionMinor, serverProperties, mechanisms, locales);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteOctet(VersionMajor);
        writer.WriteOctet(VersionMinor);
        writer.WriteTable(ServerProperties);
        writer.WriteLongString(Mechanisms);
        writer.WriteLongString(Locales);
    }
}

/// <summary><c>connection.start-ok</c> (10, 11), client to broker: picks a mechanism and logs in.</summary>
/// <param name="ClientProperties">Product, version, capabilities.</param>
/// <param name="Mechanism">One of those offered.</param>
/// <param name="Response">SASL initial response; holds the password.</param>
/// <param name="Locale">One of those offered.</param>
public readonly record struct ConnectionStartOk(
    FieldTable ClientProperties, string Mechanism, LongString Response, string Locale)
    : IAmqpMethod<ConnectionStartOk>
{
    /// <summary>Class 10, method 11.</summary>
    public const uint Id = (10u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionStartOk Read(ref AmqpReader reader)
    {
        var clientProperties = reader.ReadTable();
        var mechanism = reader.ReadShortText();
        var response = new LongString(reader.ReadLongString());
        var locale = reader.ReadShortText();
        return new ConnectionStartOk(clientProperties, mechanism, response, locale);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteTable(ClientProperties);
        writer.WriteShortString(Mechanism);
        writer.WriteLongString(Response.Span);
        writer.WriteShortString(Locale);
    }
}

/// <summary>
/// <c>connection.secure</c> (10, 20), broker to client: asks for another round of SASL. Answered by secure-ok.
/// </summary>
/// <param name="Challenge">SASL challenge.</param>
public readonly record struct ConnectionSecure(LongString Challenge) : IAmqpMethod<ConnectionSecure>
{
    /// <summary>Class 10, method 20.</summary>
    public const uint Id = (10u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionSecure Read(ref AmqpReader reader) => new(new LongString(reader.ReadLongString()));

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteLongString(Challenge.Span);
}

/// <summary><c>connection.secure-ok</c> (10, 21), client to broker: answers secure.</summary>
/// <param name="Response">SASL response.</param>
public readonly record struct ConnectionSecureOk(LongString Response) : IAmqpMethod<ConnectionSecureOk>
{
    /// <summary>Class 10, method 21.</summary>
    public const uint Id = (10u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionSecureOk Read(ref AmqpReader reader) => new(new LongString(reader.ReadLongString()));

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteLongString(Response.Span);
}

/// <summary><c>connection.tune</c> (10, 30), broker to client: proposes limits. Answered by tune-ok.</summary>
/// <param name="ChannelMax">Highest channel number; 0 for no limit of its own.</param>
/// <param name="FrameMax">Largest frame in bytes, its overhead of 8 included; 0 for no limit.</param>
/// <param name="Heartbeat">Seconds between signs of life; 0 for none.</param>
public readonly record struct ConnectionTune(ushort ChannelMax, uint FrameMax, ushort Heartbeat)
    : IAmqpMethod<ConnectionTune>
{
    /// <summary>Class 10, method 30.</summary>
    public const uint Id = (10u << 16) | 30;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionTune Read(ref AmqpReader reader)
    {
        var channelMax = reader.ReadShort();
        var frameMax = reader.ReadLong();
        var heartbeat = reader.ReadShort();
        return new ConnectionTune(channelMax, frameMax, heartbeat);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(ChannelMax);
        writer.WriteLong(FrameMax);
        writer.WriteShort(Heartbeat);
    }
}

/// <summary><c>connection.tune-ok</c> (10, 31), client to broker: the limits that hold from now on.</summary>
/// <param name="ChannelMax">Highest channel number; 0 for no limit of its own.</param>
/// <param name="FrameMax">Largest frame in bytes, its overhead of 8 included; 0 for no limit.</param>
/// <param name="Heartbeat">Seconds between signs of life; 0 for none.</param>
public readonly record struct ConnectionTuneOk(ushort ChannelMax, uint FrameMax, ushort Heartbeat)
    : IAmqpMethod<ConnectionTuneOk>
{
    /// <summary>Class 10, method 31.</summary>
    public const uint Id = (10u << 16) | 31;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionTuneOk Read(ref AmqpReader reader)
    {
        var channelMax = reader.ReadShort();
        var frameMax = reader.ReadLong();
        var heartbeat = reader.ReadShort();
        return new ConnectionTuneOk(channelMax, frameMax, heartbeat);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShort(ChannelMax);
        writer.WriteLong(FrameMax);
        writer.WriteShort(Heartbeat);
    }
}

/// <summary>
/// <c>connection.open</c> (10, 40), client to broker: picks the virtual host. Answered by open-ok, or 530 NOT_ALLOWED.
/// </summary>
/// <param name="VirtualHost">Its name, "/" by default.</param>
public readonly record struct ConnectionOpen(string VirtualHost) : IAmqpMethod<ConnectionOpen>
{
    /// <summary>Class 10, method 40.</summary>
    public const uint Id = (10u << 16) | 40;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionOpen Read(ref AmqpReader reader)
    {
        var virtualHost = reader.ReadShortText();
        _ = reader.ReadShortString();
        _ = reader.ReadOctet();
        return new ConnectionOpen(virtualHost);
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
        writer.WriteShortString(VirtualHost);
        writer.WriteShortString("");
        writer.WriteOctet(0);
    }
}

/// <summary><c>connection.open-ok</c> (10, 41), broker to client: the connection is ready for channels.</summary>
public readonly record struct ConnectionOpenOk : IAmqpMethod<ConnectionOpenOk>
{
    /// <summary>Class 10, method 41.</summary>
    public const uint Id = (10u << 16) | 41;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static ConnectionOpenOk Read(ref AmqpReader reader)
    {
        _ = reader.ReadShortString();
        return default;
    }

    /// <inheritdoc/>
    public void Write(AmqpWriter writer) => writer.WriteShortString("");
}
