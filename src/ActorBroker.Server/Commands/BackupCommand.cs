using System.CommandLine;
using System.Globalization;
using ActorBroker.Stores;

namespace ActorBroker.Server.Commands;

/// <summary><c>backup --data DIR --to FILE</c>: copies the store of a data directory while the broker runs.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The data directory; its broker may run.", HelpName = "DIR", Required = true };
        var to = new Option<string>("--to") { Description = "The file to write; must not exist.", HelpName = "FILE", Required = true };
        var command = new Command("backup", "Copies the messages and the topology of a data directory into one file, while the broker runs.") { data, to };
        command.SetAction(parsed => CommandLine.Run(() =>
        {
            var file = parsed.GetValue(to)!;
            var size = SqliteBackup.Create(parsed.GetValue(data)!, file);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {size} bytes, checked"));
        }));
        return command;
    }
}
