using System.Runtime.CompilerServices;
using ActorBroker.Client;

namespace ActorBroker.Streams;

/// <summary>Streams need more than <see cref="IBroker"/> shows.</summary>
internal static class InProcess
{
    /// <exception cref="ArgumentException">It is not from <see cref="Broker.Client"/> or <see cref="Broker.Open"/>.</exception>
    public static BrokerClient Client(IBroker broker)
    {
        ArgumentNullException.ThrowIfNull(broker);
        return broker as BrokerClient
            ?? (broker as IClientWrapper)?.Inner
            ?? throw new ArgumentException("streams need the IBroker that the broker itself gives (Broker.Client, Broker.Open)", nameof(broker));
    }

    /// <summary>A name or a key that AMQP can carry.</summary>
    /// <exception cref="ArgumentException">It cannot; names the argument.</exception>
    public static string Name(string name, [CallerArgumentExpression(nameof(name))] string argument = "")
    {
        Names.Check(name, argument);
        return name;
    }
}
