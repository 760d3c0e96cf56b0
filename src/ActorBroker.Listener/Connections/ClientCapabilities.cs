using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Connections;

/// <summary>What a client said of itself in connection.start-ok.</summary>
internal sealed record ClientCapabilities(string Name, bool CanConsumerCancel, bool CanBeBlocked, bool CanFailAuthentication)
{
    public static readonly ClientCapabilities None = new("", false, false, false);

    public static ClientCapabilities From(FieldTable properties)
    {
        var capabilities = properties["capabilities"] as FieldTable ?? FieldTable.Empty;
        return new ClientCapabilities(
            properties["connection_name"] as string ?? "",
            capabilities["consumer_cancel_notify"] is true,
            capabilities["connection.blocked"] is true,
            capabilities["authentication_failure_close"] is true);
    }
}
