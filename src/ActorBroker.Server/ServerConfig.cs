using System.Collections;
using ActorBroker.Configuration;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Server;

/// <summary>Puts the layers of settings together: defaults, file, environment, command line; later ones win.</summary>
internal static class ServerConfig
{
    private const string Prefix = "ACTORBROKER__";

    /// <exception cref="ConfigurationException">The file does not parse.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Config Load(FileInfo? file, string? dataDir, IReadOnlyList<string> listen, bool acceptDataLoss = false)
    {
        var standalone = ConfigurationFactory.FromResource("ActorBroker.Server.standalone.conf", typeof(ServerConfig).Assembly);
        Config[] layers = [.. CommandLineLayer(dataDir, listen, acceptDataLoss), .. EnvironmentLayer(), .. FileLayer(file), standalone];
        return layers.Reverse().Aggregate(ActorBrokerReference.Config, (below, above) => above.WithFallback(below));
    }

    private static IEnumerable<Config> FileLayer(FileInfo? file)
    {
        if (file is null)
        {
            return [];
        }

        if (!file.Exists)
        {
            throw new FileNotFoundException($"--config {file}: no such file");
        }

        var text = File.ReadAllText(file.FullName);
        if (HoconBrackets.FaultIn(text) is { } fault)
        {
            throw new ConfigurationException($"--config {file}, {fault}");
        }

        try
        {
            return [ConfigurationFactory.ParseString(text)];
        }
        catch (Exception e)
        {
            // what the parser throws is not always meant for people
            var why = e is NullReferenceException or InvalidOperationException or IndexOutOfRangeException ? "" : $" ({OneLine(e.Message)})";
            throw new ConfigurationException(
                $"--config {file}: cannot be read as settings{why}; each must be KEY = VALUE or KEY {{ … }}, as in reference.conf");
        }
    }

    private static IEnumerable<Config> EnvironmentLayer()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith(Prefix, StringComparison.Ordinal) && variable.Value is string value)
            {
                var key = name[Prefix.Length..].Replace("__", ".").Replace('_', '-').ToLowerInvariant();
                yield return Set($"{BrokerSettings.Path}.{key}", Quoted(value));
            }
        }
    }

    private static IEnumerable<Config> CommandLineLayer(string? dataDir, IReadOnlyList<string> listen, bool acceptDataLoss)
    {
        if (dataDir is not null)
        {
            yield return Set($"{BrokerSettings.Path}.data-dir", Quoted(dataDir));
        }

        if (acceptDataLoss)
        {
            yield return Set(StoreSettings.AcceptDataLossPath, "on");
        }

        if (listen.Count > 0)
        {
            yield return Set($"{BrokerSettings.Path}.amqp.listen", $"[{string.Join(", ", listen.Select(Quoted))}]");
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static Config Set(string key, string value) => ConfigurationFactory.ParseString($"{key} = {value}");

    private static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
