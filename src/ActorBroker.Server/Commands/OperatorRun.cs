using ActorBroker.Configuration;
using ActorBroker.Server.Control;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Server.Commands;

/// <summary>Runs one command: on the server that uses the data directory, or, when none does, on the store itself.</summary>
internal static class OperatorRun
{
    /// <returns>The exit code: 0, or 2 when it was refused.</returns>
    /// <exception cref="ConfigurationException">A setting is out of range, or none names a store.</exception>
    /// <exception cref="IOException">The store cannot be used.</exception>
    public static async Task<int> RunAsync(Config settings, ControlRequest request)
    {
        var directory = new SettingsBlock(settings, BrokerSettings.Path).String("data-dir");
        var response = directory.Length > 0 ? await ControlSocket.AskAsync(directory, request).ConfigureAwait(false) : null;
        response ??= await OnStoreAsync(settings, directory, request).ConfigureAwait(false);
        if (response.Error is { } error)
        {
            await Console.Error.WriteLineAsync($"actorbroker: {error}").ConfigureAwait(false);
            return 2;
        }

        if (response.Header is { } header)
        {
            Console.WriteLine(string.Join('\t', header));
            foreach (var row in response.Rows ?? [])
            {
                Console.WriteLine(string.Join('\t', row.Select(Escaped)));
            }
        }

        return 0;
    }

    private static async Task<ControlResponse> OnStoreAsync(Config settings, string directory, ControlRequest request)
    {
        if (StoreSettings.From(settings).Kind is StoreKind.None or StoreKind.Memory)
        {
            throw new ConfigurationException("name the data directory by --data, or a store in --config: otherwise nothing would be kept");
        }

        if (directory.Length > 0 && !Directory.Exists(directory) && !request.Command.StartsWith("add-", StringComparison.Ordinal))
        {
            throw new IOException($"{directory}: there is no such data directory");
        }

        var quiet = ConfigurationFactory.ParseString("akka.loglevel = ERROR, akka.stdout-loglevel = ERROR"); // standard output is for the answer
        var system = BrokerSystem.Create("actorbroker", quiet.WithFallback(settings));
        try
        {
            var broker = await Broker.StartAsync(system).ConfigureAwait(false);
            return await new BrokerControl(broker, running: false).HandleAsync(request).ConfigureAwait(false);
        }
        finally
        {
            await system.Terminate().ConfigureAwait(false);
        }
    }

    private static string Escaped(string text) => text.Replace("\t", "\\t").Replace("\n", "\\n");
}
