using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>An AMQP method with its arguments.</summary>
public interface IAmqpMethod
{
    /// <summary>Class number in the high, method number in the low 16 bits.</summary>
    static abstract uint MethodId { get; }

    /// <summary>Writes the arguments, without the ids.</summary>
    /// <param name="writer">Where to.</param>
    /// <exception cref="ArgumentException">A short string has more than 255 bytes.</exception>
    void Write(AmqpWriter writer);
}

/// <summary>An AMQP method that can be read. All can.</summary>
/// <typeparam name="TSelf">The method itself.</typeparam>
public interface IAmqpMethod<TSelf> : IAmqpMethod
    where TSelf : IAmqpMethod<TSelf>, allows ref struct
{
    /// <summary>Reads the arguments; the ids are already read.</summary>
    /// <param name="reader">Stands behind the ids; stands behind the arguments afterwards.</param>
    /// <exception cref="ConnectionException">502: cut off, or a table malformed. 501: a name is not UTF-8.</exception>
    static abstract TSelf Read(ref AmqpReader reader);
}
