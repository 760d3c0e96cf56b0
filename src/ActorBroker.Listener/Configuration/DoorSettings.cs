using ActorBroker.Configuration;

namespace ActorBroker.Listener.Configuration;

/// <summary>The part of the <c>actor-broker.amqp</c> block that is about clients on their way in.</summary>
/// <param name="MaxHandshakes">Most connections that have not finished their handshake.</param>
/// <param name="RefusedLoginDelay">Longest time that a refused login waits for its answer.</param>
/// <param name="AnonymousUser">Who a client without a name becomes; empty for nobody.</param>
internal sealed record DoorSettings(int MaxHandshakes, TimeSpan RefusedLoginDelay, string AnonymousUser)
{
    /// <summary>For settings that are made in code.</summary>
    public static DoorSettings Default { get; } = new(500, TimeSpan.FromSeconds(5), "");

    /// <summary>Reads them and checks every range.</summary>
    public static DoorSettings From(SettingsBlock block) => new(
        block.Int("max-handshakes", 1, 100_000),
        block.Duration("refused-login-delay", TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        block.String("anonymous-user"));
}
