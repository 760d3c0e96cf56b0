using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ActorBroker.Conformance.Tests.Running;

/// <summary>One test on one broker. Decides at discovery whether the broker is there at all.</summary>
public sealed class ConformanceTestCase : XunitTestCase
{
    [Obsolete("For the deserializer of xunit only.")]
    public ConformanceTestCase()
    {
    }

    private ConformanceTestCase(
        IMessageSink sink,
        TestMethodDisplay display,
        TestMethodDisplayOptions options,
        ITestMethod method,
        object[]? row)
        : base(sink, display, options, method, row)
    {
    }

    public static ConformanceTestCase Create(
        IMessageSink sink, ITestFrameworkDiscoveryOptions options, ITestMethod method, object[]? row) =>
        new(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, row);

    public override Task<RunSummary> RunAsync(
        IMessageSink diagnostics,
        IMessageBus bus,
        object[] constructorArguments,
        ExceptionAggregator errors,
        CancellationTokenSource cancellation) =>
        new CaseRunner(
            this, DisplayName, SkipReason, constructorArguments, TestMethodArguments, bus, errors, cancellation)
            .RunAsync();

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        Families.SkipReason(TestMethod.TestClass.TestCollection.DisplayName) ?? base.GetSkipReason(factAttribute);

    // xunit 2 has no hook around the test method, only this chain: case, test, invoker.
    private sealed class CaseRunner(
        IXunitTestCase testCase,
        string displayName,
        string? skipReason,
        object[] constructorArguments,
        object[] arguments,
        IMessageBus bus,
        ExceptionAggregator errors,
        CancellationTokenSource cancellation)
        : XunitTestCaseRunner(
            testCase, displayName, skipReason, constructorArguments, arguments, bus, errors, cancellation)
    {
        protected override XunitTestRunner CreateTestRunner(
            ITest test,
            IMessageBus messageBus,
            Type testClass,
            object[] classArguments,
            MethodInfo testMethod,
            object[] testMethodArguments,
            string reason,
            IReadOnlyList<BeforeAfterTestAttribute> attributes,
            ExceptionAggregator aggregator,
            CancellationTokenSource source) =>
            new TestRunner(
                test,
                messageBus,
                testClass,
                classArguments,
                testMethod,
                testMethodArguments,
                reason,
                attributes,
                aggregator,
                source);
    }

    private sealed class TestRunner(
        ITest test,
        IMessageBus bus,
        Type testClass,
        object[] constructorArguments,
        MethodInfo testMethod,
        object[] arguments,
        string? skipReason,
        IReadOnlyList<BeforeAfterTestAttribute> attributes,
        ExceptionAggregator errors,
        CancellationTokenSource cancellation)
        : XunitTestRunner(
            test,
            bus,
            testClass,
            constructorArguments,
            testMethod,
            arguments,
            skipReason,
            attributes,
            errors,
            cancellation)
    {
        protected override Task<decimal> InvokeTestMethodAsync(ExceptionAggregator aggregator) =>
            new Invoker(
                Test,
                MessageBus,
                TestClass,
                ConstructorArguments,
                TestMethod,
                TestMethodArguments,
                BeforeAfterAttributes,
                aggregator,
                CancellationTokenSource).RunAsync();
    }

    private sealed class Invoker(
        ITest test,
        IMessageBus bus,
        Type testClass,
        object[] constructorArguments,
        MethodInfo testMethod,
        object[] arguments,
        IReadOnlyList<BeforeAfterTestAttribute> attributes,
        ExceptionAggregator errors,
        CancellationTokenSource cancellation)
        : XunitTestInvoker(
            test, bus, testClass, constructorArguments, testMethod, arguments, attributes, errors, cancellation)
    {
        protected override object? CallTestMethod(object testClassInstance)
        {
            var result = base.CallTestMethod(testClassInstance);
            return result is Task running && testClassInstance is IHasPhase spec ? spec.Phase.Watch(running) : result;
        }
    }
}
