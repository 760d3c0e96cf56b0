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
            text.AppendLine($"      tags = [{account.Tag}]");
            text.AppendLine($"      permissions {{ {Permissions(account)} }}");
            text.AppendLine("    }");
        }

        text.AppendLine("  }");
        text.AppendLine("}");
        text.AppendLine(more);
        return text.ToString();
    }

    private static string Permissions(Account account)
    {
        if (!account.MayEnter)
        {
            return "";
        }

        var rights = $$"""{ configure = "{{account.Configure}}", write = "{{account.Write}}", read = "{{account.Read}}" }""";
        return account == Accounts.Guest
            ? $""" "/" {rights}, "{Accounts.SecondHost}" {rights} """.Trim()
            : $""" "/" {rights} """.Trim();
    }
}
