using System.Diagnostics;

namespace ActorBroker.TestKit.Tests;

/// <summary>What something takes: real time, or on a machine that is busy with other things the time of the processors.</summary>
public sealed class Cost
{
    private readonly Stopwatch _real = Stopwatch.StartNew();
    private readonly TimeSpan _processors = Now;

    private static TimeSpan Now => Process.GetCurrentProcess().TotalProcessorTime;

    public TimeSpan Real => _real.Elapsed;

    public TimeSpan Processors => Now - _processors;

    public void ShouldBeLessThan(TimeSpan limit) =>
        Assert.True(Real < limit || Processors < limit, $"took {Real} of real time and {Processors} of the processors, allowed is {limit}");
}
