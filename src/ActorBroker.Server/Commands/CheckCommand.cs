using ActorBroker.Checks;
using System.CommandLine;
using System.Globalization;
using ActorBroker.Stores;
using Akka.Configuration;

namespace ActorBroker.Server.Commands;

/// <summary><c>check --data DIR</c>: reads all that is stored, and says what is damaged or missing.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo?>("--config") { Description = "File with settings (HOCON), the server's.", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "The data directory; its broker may run.", HelpName = "DIR" };
        var command = new Command(
            "check", "Reads all that is stored, changes nothing, and says what is damaged or missing. Exit code 0: all is sound; 1: not all.") { config, data };
        command.SetAction((parsed, _) => CommandLine.RunAsync(
            () => Task.FromResult(Check(ServerConfig.Load(parsed.GetValue(config), parsed.GetValue(data), [])))));
        return command;
    }

    private static int Check(Config config)
    {
        var settings = StoreSettings.From(config);
        if (settings.Kind is StoreKind.None or StoreKind.Memory)
        {
            throw new ConfigurationException("name the data directory by --data, or a store in --config");
        }

        var check = StoreCheck.Run(settings);
        Console.WriteLine("log\tfirst\tlast\tevents\tbytes\tsnapshot\tdamaged");
        foreach (var log in check.Logs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{log.Log}\t{log.First}\t{log.Last}\t{log.Events}\t{log.Bytes}\t{log.Snapshot}\t{log.Damaged}"));
        }

        check.Problems.ForEach(Console.WriteLine);
        if (check.SetAside > 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{check.SetAside} damaged events were set aside before, in table {SetAsideEvents.Table}"));
        }

        Console.WriteLine(check.Problems.Count == 0 ? "all is sound" : string.Create(CultureInfo.InvariantCulture, $"problems: {check.Problems.Count}"));
        return check.Problems.Count == 0 ? 0 : 1;
    }
}
