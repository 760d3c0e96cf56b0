using System.Text;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Tests.Methods;

/// <summary>
/// basic.publish with strings: <see cref="BasicPublish"/> is made of spans and cannot be boxed or compared.
/// </summary>
internal readonly record struct Publish(string Exchange, string RoutingKey, bool Mandatory, bool Immediate)
    : IAmqpMethod<Publish>
{
    public const uint Id = BasicPublish.Id;

    public static uint MethodId => Id;

    public static Publish Read(ref AmqpReader reader)
    {
        var method = BasicPublish.Read(ref reader);
        return new Publish(
            Encoding.UTF8.GetString(method.Exchange),
            Encoding.UTF8.GetString(method.RoutingKey),
            method.Mandatory,
            method.Immediate);
    }

    public void Write(AmqpWriter writer) => new BasicPublish(
        Encoding.UTF8.GetBytes(Exchange), Encoding.UTF8.GetBytes(RoutingKey), Mandatory, Immediate).Write(writer);
}
