using System.CommandLine;
using Akka.Configuration;

namespace ActorBroker.Server;

/// <summary>The options of the server. Each is also a setting, and an environment variable.</summary>
internal static class CommandLine
{
    public static ParseResult Parse(string[] args)
    {
        var config = new Option<FileInfo?>("--config") { Description = "File with settings (HOCON) over the defaults.", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "Directory for what survives a restart (actor-broker.data-dir).", HelpName = "DIR" };
        var listen = new Option<string[]>("--listen")
        {
            Description = "Where to listen, default 127.0.0.1:5672 (actor-broker.amqp.listen). May be given more than once.",
            HelpName = "HOST:PORT",
        };
        var root = new RootCommand("ActorBroker: an AMQP 0-9-1 broker made of Akka.NET actors.") { config, data, listen };
        root.SetAction(async (parsed, _) =>
        {
            try
            {
                var settings = ServerConfig.Load(parsed.GetValue(config), parsed.GetValue(data), parsed.GetValue(listen) ?? []);
                return await ServerProcess.RunAsync(settings).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ConfigurationException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"actorbroker: {e.Message}").ConfigureAwait(false);
                return 2;
            }
        });
        return root.Parse(args);
    }
}
