namespace ActorBroker.TestKit.Faults;

/// <summary>A fault that the test asked for; the leak hunt does not report it.</summary>
/// <param name="what">What fails.</param>
public sealed class InjectedFaultException(string what) : Exception($"the test made this fail: {what}");
