namespace ActorBroker.Server.Control;

/// <summary>What a command asks of a running server: one line of JSON.</summary>
/// <param name="Command">The verb of the command line.</param>
/// <param name="Arguments">Its values by name.</param>
internal sealed record ControlRequest(string Command, Dictionary<string, string> Arguments)
{
    /// <summary>A value that must be there.</summary>
    public string this[string name] => Arguments.TryGetValue(name, out var value) ? value : throw new FormatException($"{Command}: {name} is missing");
}

/// <summary>What the server answers: one line of JSON.</summary>
/// <param name="Error">Why it was not done, null when it was.</param>
/// <param name="Header">Names of columns when there is something to show.</param>
/// <param name="Rows">Its lines.</param>
internal sealed record ControlResponse(string? Error, string[]? Header = null, string[][]? Rows = null)
{
    /// <summary>Done, with nothing to show.</summary>
    public static readonly ControlResponse Done = new((string?)null);
}
