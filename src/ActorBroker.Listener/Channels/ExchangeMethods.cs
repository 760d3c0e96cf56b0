using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Topology;

namespace ActorBroker.Listener.Channels;

/// <summary>Class 40, exchange.</summary>
internal static class ExchangeMethods
{
    public static ValueTask Handle(AmqpChannel channel, uint id, ref AmqpReader arguments) => id switch
    {
        ExchangeDeclare.Id => Declare(channel, ExchangeDeclare.Read(ref arguments)),
        ExchangeDelete.Id => Delete(channel, ExchangeDelete.Read(ref arguments)),
        ExchangeBind.Id => Bind(channel, ExchangeBind.Read(ref arguments)),
        ExchangeUnbind.Id => Unbind(channel, ExchangeUnbind.Read(ref arguments)),
        _ => throw AmqpChannel.Unexpected(id),
    };

    private static async ValueTask Declare(AmqpChannel channel, ExchangeDeclare m)
    {
        var connection = channel.Connection;
        await channel.Answer(connection.Ask(new TopologyProtocol.DeclareExchange(
            connection.VirtualHost.Name, connection.Id, m.Exchange, m.Type, m.Passive, m.Durable, m.AutoDelete, m.Internal, m.Arguments)));
        Answer(channel, m.NoWait, new ExchangeDeclareOk());
    }

    private static async ValueTask Delete(AmqpChannel channel, ExchangeDelete m)
    {
        var connection = channel.Connection;
        await channel.Answer(connection.Ask(new TopologyProtocol.DeleteExchange(connection.VirtualHost.Name, connection.Id, m.Exchange, m.IfUnused)));
        Answer(channel, m.NoWait, new ExchangeDeleteOk());
    }

    private static async ValueTask Bind(AmqpChannel channel, ExchangeBind m)
    {
        var connection = channel.Connection;
        await channel.Answer(connection.Ask(new TopologyProtocol.Bind(
            connection.VirtualHost.Name, connection.Id, m.Source, m.Destination, ToQueue: false, m.RoutingKey, m.Arguments)));
        Answer(channel, m.NoWait, new ExchangeBindOk());
    }

    private static async ValueTask Unbind(AmqpChannel channel, ExchangeUnbind m)
    {
        var connection = channel.Connection;
        await channel.Answer(connection.Ask(new TopologyProtocol.Unbind(
            connection.VirtualHost.Name, connection.Id, m.Source, m.Destination, ToQueue: false, m.RoutingKey, m.Arguments)));
        Answer(channel, m.NoWait, new ExchangeUnbindOk());
    }

    private static void Answer<T>(AmqpChannel channel, bool noWait, T ok)
        where T : struct, IAmqpMethod
    {
        if (!noWait)
        {
            channel.Write(ok);
        }
    }
}
