using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorBroker.Hosting;

/// <summary>What a broker says of itself.</summary>
internal sealed class BrokerHealthCheck(Broker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!broker.WhenStarted.IsCompletedSuccessfully)
        {
            return HealthCheckResult.Unhealthy("the broker has not started", broker.WhenStarted.Exception?.InnerException);
        }

        if (broker.Failure is { } failure)
        {
            return HealthCheckResult.Unhealthy($"{failure}; restart the broker");
        }

        return broker.Alarms.IsOn
            ? HealthCheckResult.Degraded($"publishers are held back: {broker.Alarms.Reason}")
            : HealthCheckResult.Healthy();
    }
}
