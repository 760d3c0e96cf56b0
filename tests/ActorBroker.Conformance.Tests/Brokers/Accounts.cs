namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>A user of the test brokers; the password is the name. Rights are regexes on the vhost <c>/</c>.</summary>
public sealed record Account(string Name, string Configure, string Write, string Read, string Tag = "")
{
    /// <summary>False for an account that may log in and then enter no virtual host at all.</summary>
    public bool MayEnter { get; init; } = true;
}

/// <summary>What every broker under test is started with: users, virtual hosts, one limit.</summary>
public static class Accounts
{
    public const string SecondHost = "second";

    /// <summary>Largest body, in bytes. Both products would take 128 MiB by default, which is slow to test.</summary>
    public const int MaxMessageSize = 16 * 1024 * 1024;

    public static readonly Account Guest = new("guest", ".*", ".*", ".*", "administrator");
    public static readonly Account Reader = new("reader", "^$", "^$", ".*");
    public static readonly Account Writer = new("writer", "^$", ".*", "^$");
    public static readonly Account Configurer = new("configurer", ".*", "^$", "^$");
    public static readonly Account Impersonator = new("actor", ".*", ".*", ".*", "impersonator");
    public static readonly Account Outsider = new("outsider", "", "", "") { MayEnter = false };

    public static readonly IReadOnlyList<Account> All = [Guest, Reader, Writer, Configurer, Impersonator, Outsider];
}
