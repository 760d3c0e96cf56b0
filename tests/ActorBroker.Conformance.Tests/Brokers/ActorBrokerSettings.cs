using System.Text;

namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>The settings file that the server under test is started with.</summary>
public static class ActorBrokerSettings
{
    public static string Text(string more)
    {
        var text = new StringBuilder();
        text.AppendLine("actor-broker {");
        text.AppendLine($"""  vhosts = ["/", "{Accounts.SecondHost}"]""");
        text.AppendLine("  users {");
        foreach (var account in Accounts.All)
        {
            text.AppendLine($"    {account.Name} {{");
            text.AppendLine($"""      password = "{account.Name}" """.TrimEnd());
            foreach (var line in Tags(account).Concat(Permissions(account)))
            {
                text.AppendLine($"      {line}");
            }

            text.AppendLine("    }");
        }

        text.AppendLine("  }");
        text.AppendLine($"  amqp.max-message-size = {Accounts.MaxMessageSize}");
        text.AppendLine("}");
        text.AppendLine(more);
        return text.ToString();
    }

    private static IEnumerable<string> Tags(Account account) =>
        account.Tag.Length > 0 ? [$"tags = [{account.Tag}]"] : [];

    private static IEnumerable<string> Permissions(Account account)
    {
        string[] hosts = account switch
        {
            { MayEnter: false } => [],
            _ when account == Accounts.Guest => ["/", Accounts.SecondHost],
            _ => ["/"],
        };
        var rights = $"""configure = "{account.Configure}", write = "{account.Write}", read = "{account.Read}" """;
        return hosts.Select(host => $$"""permissions."{{host}}" { {{rights}}}""");
    }
}
