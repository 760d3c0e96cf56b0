using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ActorBroker;

/// <summary>What a broker says of itself.</summary>
internal sealed class BrokerHealthCheck(Broker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failed)
    {
        if (!broker.WhenStarted.IsCompletedSuccessfully)
        {
            return new HealthCheckResult(failed, "the broker has not started", broker.WhenStarted.Exception?.InnerException);
        }

        if (broker.Failure is { } failure)
        {
            return new HealthCheckResult(failed, $"the broker must be restarted: {failure}");
        }

        if (broker.IsStopped)
        {
            return new HealthCheckResult(failed, "the broker has been shut down");
        }

        return broker.Alarms.IsOn
            ? HealthCheckResult.Degraded($"publishers are held back: {broker.Alarms.Reason}")
            : HealthCheckResult.Healthy();
    }
}
