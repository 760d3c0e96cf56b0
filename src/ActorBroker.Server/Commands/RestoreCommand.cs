using System.CommandLine;
using ActorBroker.Stores;

namespace ActorBroker.Server.Commands;

/// <summary><c>restore --from FILE --data DIR</c>: puts a backup into a data directory.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "A file that backup has written.", HelpName = "FILE", Required = true };
        var data = new Option<string>("--data") { Description = "The data directory; no broker may use it.", HelpName = "DIR", Required = true };
        var force = new Option<bool>("--force") { Description = "Replaces the database in the directory; what is in it is lost." };
        var command = new Command("restore", "Puts a backup into a data directory.") { from, data, force };
        command.SetAction(parsed => CommandLine.Run(() =>
        {
            SqliteBackup.Restore(parsed.GetValue(from)!, parsed.GetValue(data)!, parsed.GetValue(force));
            Console.WriteLine($"{parsed.GetValue(data)}: restored from {parsed.GetValue(from)}");
        }));
        return command;
    }
}
