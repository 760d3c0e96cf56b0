namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>Finds the server program that was built together with this test assembly.</summary>
public static class ServerAssembly
{
    private const string Override = "ACTORBROKER_TEST_SERVER";
    private const string Project = "ActorBroker.Server";
    private const string Tests = "ActorBroker.Conformance.Tests";

    /// <summary>
    /// Full path of the server's dll. Two layouts are known: <c>tests/NAME/bin/Debug/net10.0</c>, and with an
    /// artifacts folder <c>bin/NAME/debug</c>.
    /// </summary>
    /// <exception cref="FileNotFoundException">Not built. The message lists the places that were looked at.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Override) is { Length: > 0 } given)
        {
            return given;
        }

        var here = AppContext.BaseDirectory.Replace('\\', '/').TrimEnd('/');
        string[] candidates =
        [
            Path.Combine(
                here.Replace($"/bin/{Tests}/", $"/bin/{Project}/", StringComparison.Ordinal),
                $"{Project}.dll"),
            Path.Combine(
                here.Replace($"/tests/{Tests}/bin/", $"/src/{Project}/bin/", StringComparison.Ordinal),
                $"{Project}.dll"),
        ];
        return Array.Find(candidates, File.Exists)
            ?? throw new FileNotFoundException(
                $"the server is not built; looked for {string.Join(" and ", candidates.Distinct())}; "
                + $"{Override} may name its dll");
    }
}
