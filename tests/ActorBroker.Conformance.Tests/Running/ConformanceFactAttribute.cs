using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorBroker.Conformance.Tests.Running;

/// <summary>A fact that is skipped where its broker is not installed, and that names its phase when it hangs.</summary>
[XunitTestCaseDiscoverer(
    "ActorBroker.Conformance.Tests.Running.ConformanceFactDiscoverer", "ActorBroker.Conformance.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceFactAttribute : FactAttribute;

/// <summary>A theory with the same two properties as <see cref="ConformanceFactAttribute"/>.</summary>
[XunitTestCaseDiscoverer(
    "ActorBroker.Conformance.Tests.Running.ConformanceTheoryDiscoverer", "ActorBroker.Conformance.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceTheoryAttribute : TheoryAttribute;

/// <summary>Used by xunit through the name in <see cref="ConformanceFactAttribute"/>.</summary>
public sealed class ConformanceFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo fact) =>
        ConformanceTestCase.Create(DiagnosticMessageSink, options, method, null);
}

/// <summary>Used by xunit through the name in <see cref="ConformanceTheoryAttribute"/>.</summary>
public sealed class ConformanceTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo theory, object[] row) =>
        [ConformanceTestCase.Create(DiagnosticMessageSink, options, method, row)];
}
