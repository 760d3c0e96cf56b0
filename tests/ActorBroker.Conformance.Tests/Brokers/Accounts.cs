namespace ActorBroker.Conformance.Tests.Brokers;

/// <summary>A user of the test brokers; the password is the name. Rights are regexes on the vhost <c>/</c>.</summary>
public sealed record Account(string Name, string Configure, string Write, string Read, string Tag = "")
{
    /// <summary>False for an account that may log in and then enter no virtual host at all.</summary>
    public bool MayEnter { get; init; } = true;
}

/// <summary>The users and virtual hosts that every broker under test is started with.</summary>
public static class Accounts
{
    public const string SecondHost = "second";

    public static readonly Account Guest = new("guest", ".*", ".*", ".*", "administrator");
    public static readonly Account Reader = new("reader", "^$", "^$", ".*");
    public static readonly Account Writer = new("writer", "^$", ".*", "^$");
    public static readonly Account Configurer = new("configurer", ".*", "^$", "^$");
    public static readonly Account Impersonator = new("actor", ".*", ".*", ".*", "impersonator");
    public static readonly Account Outsider = new("outsider", "", "", "") { MayEnter = false };

    public static readonly IReadOnlyList<Account> All = [Guest, Reader, Writer, Configurer, Impersonator, Outsider];
}
