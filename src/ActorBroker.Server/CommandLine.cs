using System.CommandLine;
using ActorBroker.Core.Topology;
using ActorBroker.Server.Commands;
using Akka.Configuration;

namespace ActorBroker.Server;

/// <summary>The options of the server, each also a setting and an environment variable; and its verbs.</summary>
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
        var accept = new Option<bool>("--accept-data-loss")
        {
            Description = "Starts also where something that was stored is missing or damaged, and says what (actor-broker.store.accept-data-loss).",
        };
        var root = new RootCommand("ActorBroker: an AMQP 0-9-1 broker made of Akka.NET actors.")
        {
            config, data, listen, accept, BackupCommand.Create(), RestoreCommand.Create(), CheckCommand.Create(),
        };
        foreach (var command in OperatorCommands.Create())
        {
            root.Add(command);
        }

        root.SetAction((parsed, _) => RunAsync(() =>
            ServerProcess.RunAsync(ServerConfig.Load(
                parsed.GetValue(config), parsed.GetValue(data), parsed.GetValue(listen) ?? [], parsed.GetValue(accept)))));
        return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null }); // a password may begin with @
    }

    /// <summary>Runs a verb; what it cannot do is said in one line, with exit code 2.</summary>
    public static int Run(Action verb)
    {
        try
        {
            verb();
            return 0;
        }
        catch (Exception e) when (IsExplained(e))
        {
            return Refuse(e);
        }
    }

    /// <summary>The same for a verb that has an exit code of its own.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb().ConfigureAwait(false);
        }
        catch (Exception e) when (IsExplained(e))
        {
            return Refuse(e);
        }
    }

    /// <summary>The message says what to do about it.</summary>
    private static bool IsExplained(Exception e) =>
        e is ConfigurationException or IOException or UnauthorizedAccessException or TopologyFormatException or RefusedException;

    private static int Refuse(Exception e)
    {
        Console.Error.WriteLine($"actorbroker: {e.Message}");
        return 2;
    }
}
