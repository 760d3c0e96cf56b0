using System.CommandLine;
using ActorBroker.Server.Control;

namespace ActorBroker.Server.Commands;

/// <summary>The verbs for users, permissions, virtual hosts and the memory watermark.</summary>
internal static class OperatorCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Create()
    {
        var name = new Argument<string>("NAME") { Description = "Name of the user." };
        var host = new Argument<string>("NAME") { Description = "Name of the virtual host." };
        var tags = new Argument<string>("TAGS") { Description = "Tags with commas between, such as administrator,monitoring; \"\" for none." };
        var tagOption = new Option<string>("--tags") { Description = "Tags with commas between.", HelpName = "A,B", DefaultValueFactory = _ => "" };
        var password = new Option<string?>("--password") { Description = "The password; others on this machine may see it.", HelpName = "PASSWORD" };
        var fromInput = new Option<bool>("--password-stdin") { Description = "Reads the password from the first line of standard input." };
        var vhost = new Option<string>("--vhost", "-p") { Description = "The virtual host, default /.", HelpName = "VHOST", DefaultValueFactory = _ => "/" };
        var only = new Option<string?>("--vhost", "-p") { Description = "Of this virtual host only.", HelpName = "VHOST" };
        var (configure, write, read) = (
            new Argument<string>("CONFIGURE") { Description = "Regular expression of names that may be declared and deleted." },
            new Argument<string>("WRITE") { Description = "Names that may be published to, and queues that may be bound." },
            new Argument<string>("READ") { Description = "Names that may be consumed from or bound to." });
        var exchange = new Argument<string>("EXCHANGE") { Description = "Name of a topic exchange; it need not be there yet." };
        var anyExchange = new Argument<string?>("EXCHANGE") { Description = "Of this exchange only.", Arity = ArgumentArity.ZeroOrOne };
        var writeKeys = new Argument<string>("WRITE")
        {
            Description = "Regular expression of routing keys that may be published with; {username} and {vhost} stand for the names.",
        };
        var readKeys = new Argument<string>("READ") { Description = "Keys that may be bound by." };
        var watermark = new Argument<string>("VALUE") { Description = "A share of the memory the process may use, such as 60%, a size such as 2GiB, or off." };

        yield return Verb("add-user", "Adds a user.", [name], [password, fromInput, tagOption], p => new()
        {
            ["name"] = p.GetValue(name)!, ["password"] = Password(p, password, fromInput), ["tags"] = p.GetValue(tagOption)!,
        });
        yield return Verb("change-password", "Gives a user another password.", [name], [password, fromInput], p => new()
        {
            ["name"] = p.GetValue(name)!, ["password"] = Password(p, password, fromInput),
        });
        yield return Verb("delete-user", "Removes a user and closes its connections.", [name], [], p => new() { ["name"] = p.GetValue(name)! });
        yield return Verb("set-tags", "Gives a user other tags.", [name, tags], [], p => new()
        {
            ["name"] = p.GetValue(name)!, ["tags"] = p.GetValue(tags)!,
        });
        yield return Verb("list-users", "Lists users and their tags.", [], [], _ => []);
        yield return Verb("set-permissions", "Lets a user into a virtual host.", [name, configure, write, read], [vhost], p => new()
        {
            ["name"] = p.GetValue(name)!,
            ["vhost"] = p.GetValue(vhost)!,
            ["configure"] = p.GetValue(configure)!,
            ["write"] = p.GetValue(write)!,
            ["read"] = p.GetValue(read)!,
        });
        yield return Verb("clear-permissions", "Shuts a user out of a virtual host.", [name], [vhost], p => new()
        {
            ["name"] = p.GetValue(name)!, ["vhost"] = p.GetValue(vhost)!,
        });
        yield return Verb("list-permissions", "Lists what users may do.", [], [only], p => p.GetValue(only) is { } one ? new() { ["vhost"] = one } : []);
        yield return Verb("set-topic-permissions", "Limits a user to some routing keys of a topic exchange.", [name, exchange, writeKeys, readKeys], [vhost], p => new()
        {
            ["name"] = p.GetValue(name)!,
            ["vhost"] = p.GetValue(vhost)!,
            ["exchange"] = p.GetValue(exchange)!,
            ["write"] = p.GetValue(writeKeys)!,
            ["read"] = p.GetValue(readKeys)!,
        });
        yield return Verb("clear-topic-permissions", "Lifts these limits: of one exchange, or of all.", [name, anyExchange], [vhost], p =>
        {
            var values = new Dictionary<string, string> { ["name"] = p.GetValue(name)!, ["vhost"] = p.GetValue(vhost)! };
            if (p.GetValue(anyExchange) is { } one)
            {
                values["exchange"] = one;
            }

            return values;
        });
        yield return Verb("list-topic-permissions", "Lists these limits.", [], [only], p => p.GetValue(only) is { } one ? new() { ["vhost"] = one } : []);
        yield return Verb("add-vhost", "Adds a virtual host.", [host], [], p => new() { ["name"] = p.GetValue(host)! });
        yield return Verb("delete-vhost", "Removes a virtual host with all that is in it.", [host], [], p => new() { ["name"] = p.GetValue(host)! });
        yield return Verb("list-vhosts", "Lists virtual hosts.", [], [], _ => []);
        yield return Verb(
            "set-memory-high-watermark", "Sets the memory above which publishers are blocked, until the server stops.", [watermark], [], p => new() { ["value"] = p.GetValue(watermark)! });
    }

    private static Command Verb(
        string verb, string description, Argument[] arguments, Option[] options, Func<ParseResult, Dictionary<string, string>> values)
    {
        var config = new Option<FileInfo?>("--config") { Description = "File with settings (HOCON), the server's.", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "The data directory; its server may run or not.", HelpName = "DIR" };
        var command = new Command(verb, $"{description} The server may run or not.") { config, data };
        Array.ForEach(arguments, command.Add);
        Array.ForEach(options, command.Add);
        command.SetAction((parsed, _) => CommandLine.RunAsync(async () =>
        {
            var settings = ServerConfig.Load(parsed.GetValue(config), parsed.GetValue(data), []);
            return await OperatorRun.RunAsync(settings, new ControlRequest(verb, values(parsed))).ConfigureAwait(false);
        }));
        return command;
    }

    private static string Password(ParseResult parsed, Option<string?> password, Option<bool> fromInput) =>
        (parsed.GetValue(password), parsed.GetValue(fromInput)) switch
        {
            ({ } given, false) => given,
            (null, true) => Console.In.ReadLine() ?? "",
            _ => throw new IOException("give the password by --password or by --password-stdin"),
        };
}
