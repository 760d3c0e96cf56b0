namespace ActorBroker.Conformance.Tests.Support;

/// <summary>
/// Every answer in which ActorBroker departs from RabbitMQ 3.10.8 on purpose. What is not listed here has to be the
/// same on both, word for word.
/// </summary>
public static class Differences
{
    /// <summary>No broker has an exchange type of this name.</summary>
    public const string UnknownType = "x-nope";

    public static readonly Difference<Refusal> UnknownExchangeType = new(
        Refusal.OfConnection(503, $"COMMAND_INVALID - unknown exchange type '{UnknownType}'"),
        Refusal.OfChannel(406, $"PRECONDITION_FAILED - unknown exchange type '{UnknownType}'"),
        "RabbitMQ 4.x answers so: a typing error in one declaration need not end all channels");

    public static readonly Difference<uint> LeftAfterShortTtlBehindLong = new(
        2,
        1,
        "RabbitMQ's classic queue looks at the head only; ActorBroker keeps every message's time to live exactly");

    public static readonly Difference<string?> DeliveryCountOfSecondDelivery = new(
        null,
        "1",
        "RabbitMQ counts deliveries in quorum queues only, ActorBroker in every type");

    public static readonly Difference<string> Product = new(
        "RabbitMQ",
        "ActorBroker",
        "own name; an operator may configure another one for libraries that look for it");

    public static readonly Difference<Version> LeastVersion = new(
        new Version(3, 10, 8),
        new Version(4, 0),
        "client libraries switch features off, or refuse to work, below a version they know");

    /// <summary>Code of the close; null where there is none.</summary>
    public static readonly Difference<ushort?> TooLongBody = new(
        null,
        501,
        "RabbitMQ takes the surplus for the start of more and waits for ever; a frame error says what is wrong");

    /// <summary>Code of the close; null where there is none.</summary>
    public static readonly Difference<ushort?> UnknownMethod = new(
        null,
        503,
        "RabbitMQ closes the socket without a word; a code says what is wrong");

    public static readonly Difference<(ushort Code, string Name)> MalformedArguments = new(
        (501, "FRAME_ERROR"),
        (502, "SYNTAX_ERROR"),
        "the frame is sound and its fields are not: 502 is the specification's code for that");
}
