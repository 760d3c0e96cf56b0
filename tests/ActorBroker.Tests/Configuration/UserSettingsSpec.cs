using System.Net;
using ActorBroker.Configuration;
using ActorBroker.Core.Security;
using Akka.Configuration;

namespace ActorBroker.Tests.Configuration;

/// <summary>The users block.</summary>
public sealed class UserSettingsSpec
{
    private static readonly byte[] Salt = [1, 2, 3, 4];

    [Fact]
    public void Guest_may_log_in_from_this_machine_only()
    {
        var directory = Directory("");
        Assert.Equal("guest", directory.Authenticate("guest", "guest"u8, IPAddress.Loopback)?.Name);
        Assert.NotNull(directory.Authenticate("guest", "guest"u8, IPAddress.IPv6Loopback));
        Assert.NotNull(directory.Authenticate("guest", "guest"u8, null));
        Assert.Null(directory.Authenticate("guest", "guest"u8, IPAddress.Parse("192.0.2.1")));
        Assert.Null(directory.Authenticate("guest", "Guest"u8, IPAddress.Loopback));
        Assert.Null(directory.Authenticate("guest", ""u8, IPAddress.Loopback));
        Assert.Null(directory.Authenticate("nobody", "guest"u8, IPAddress.Loopback));
    }

    [Fact]
    public void Users_of_ones_own_come_besides_guest_and_from_anywhere()
    {
        var directory = Directory("""alice { password = "secret", tags = [management, monitoring], permissions { "/" { configure = "^a", write = ".*" } } }""");
        var alice = directory.Authenticate("alice", "secret"u8, IPAddress.Parse("192.0.2.1"))!;
        Assert.Equal(["management", "monitoring"], alice.Tags.Order());
        var permissions = alice.Permissions["/"];
        Assert.Equal(("^a", ".*", ""), (permissions.Configure, permissions.Write, permissions.Read));
        Assert.NotNull(directory.Authenticate("guest", "guest"u8, null));
    }

    [Fact]
    public void A_user_may_be_switched_off_or_tied_to_this_machine()
    {
        var directory = Directory("""
            guest.enabled = off
            alice { password = a, enabled = no }
            bob { password = b, loopback-only = yes }
            carol { password = c, enabled = true, loopback-only = false }
            """);
        Assert.Null(directory.Authenticate("guest", "guest"u8, null));
        Assert.Null(directory.Authenticate("alice", "a"u8, null));
        Assert.Null(directory.Authenticate("bob", "b"u8, IPAddress.Parse("192.0.2.1")));
        Assert.NotNull(directory.Authenticate("bob", "b"u8, IPAddress.Loopback));
        Assert.NotNull(directory.Authenticate("carol", "c"u8, IPAddress.Parse("192.0.2.1")));
    }

    [Fact]
    public void A_user_may_be_limited_to_topics()
    {
        var directory = Directory("""
            alice {
              password = a
              topic-permissions {
                "/" {
                  t { write = "^{username}$", read = "^b" }
                  "amq.topic" { write = ".*" }
                }
              }
            }
            """);
        var topics = directory.Find("alice")!.TopicsIn("/")!;
        Assert.Equal(("^{username}$", "^b"), (topics["t"].Write, topics["t"].Read));
        Assert.True(topics["t"].Allows(AccessRight.Write, "alice"u8));
        Assert.False(topics["amq.topic"].Allows(AccessRight.Read, "x"u8));
    }

    [Theory]
    [InlineData("""guest.permissions."/".read = "^(?!a)" """, "actor-broker.users.guest.permissions.\"/\".read = ^(?!a): ", "lookarounds")]
    [InlineData("""guest.topic-permissions."/".t.write = "(" """, "actor-broker.users.guest.topic-permissions.\"/\".\"t\".write = (: ", "regular expression")]
    [InlineData("""guest.topic-permissions.no.t.write = a""", "actor-broker.users.guest.topic-permissions.\"no\": must be one of", "/")]
    public void An_expression_that_cannot_be_used_is_named_with_the_reason(string users, string start, string reason)
    {
        var error = Assert.Throws<ConfigurationException>(() => Directory(users));
        Assert.StartsWith(start, error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void Names_and_passwords_that_are_not_UTF_8_are_nobodys()
    {
        var directory = Directory("alice { password = \"a\ufffd\" }");
        Assert.NotNull(directory.Authenticate("alice", "a\ufffd"u8, null));
        Assert.Null(directory.Authenticate("alice", [(byte)'a', 0xFF], null));
    }

    [Fact]
    public void Guest_may_be_allowed_from_anywhere()
    {
        var directory = Directory("guest.loopback-only = off");
        Assert.NotNull(directory.Authenticate("guest", "guest"u8, IPAddress.Parse("192.0.2.1")));
    }

    [Theory]
    [InlineData(null, PasswordHashAlgorithm.Sha256)]
    [InlineData("sha256", PasswordHashAlgorithm.Sha256)]
    [InlineData("sha512", PasswordHashAlgorithm.Sha512)]
    [InlineData("md5", PasswordHashAlgorithm.Md5)]
    [InlineData("rabbit_password_hashing_sha512", PasswordHashAlgorithm.Sha512)]
    public void A_password_may_be_a_hash_of_RabbitMQ(string? name, object algorithm)
    {
        var hash = PasswordHash.Create("secret", Salt, (PasswordHashAlgorithm)algorithm).Base64;
        var directory = Directory($$"""alice { password-hash = "{{hash}}"{{(name is null ? "" : $", hashing-algorithm = {name}")}} }""");
        Assert.NotNull(directory.Authenticate("alice", "secret"u8, null));
        Assert.Null(directory.Authenticate("alice", "Secret"u8, null));
    }

    [Theory]
    [InlineData("alice { }", "actor-broker.users.alice: ", "password or password-hash")]
    [InlineData("alice { password = \"\" }", "actor-broker.users.alice: ", "password or password-hash")]
    [InlineData("alice { password-hash = \"no base 64!\" }", "actor-broker.users.alice.password-hash: ", "base64")]
    [InlineData("alice { password-hash = \"AAAA\" }", "actor-broker.users.alice.password-hash: ", "36")]
    [InlineData("alice { password-hash = \"AAAA\", hashing-algorithm = rot13 }", "actor-broker.users.alice.hashing-algorithm = rot13: ", "sha256, sha512 or md5")]
    [InlineData("alice { password = a, enabled = maybe }", "actor-broker.users.alice.enabled = maybe: ", "on or off")]
    [InlineData("alice { password = a, loopback-only = 2 }", "actor-broker.users.alice.loopback-only = 2: ", "on or off")]
    [InlineData("alice { password = a, permissions { nowhere { read = \".*\" } } }", "actor-broker.users.alice.permissions.\"nowhere\": ", "actor-broker.vhosts (/, other)")]
    [InlineData("alice { password = a, permissions { \"/\" { write = \"a(\" } } }", "actor-broker.users.alice.permissions.\"/\".write = a(: ", "regular expression")]
    public void An_error_names_the_full_key_and_what_is_allowed(string user, string key, string allowed)
    {
        var error = Assert.Throws<ConfigurationException>(() => Directory(user));
        Assert.StartsWith(key, error.Message);
        Assert.Contains(allowed, error.Message);
    }

    [Fact]
    public void A_secret_is_not_in_the_error()
    {
        var hash = PasswordHash.Create("secret", Salt, PasswordHashAlgorithm.Md5).Base64;
        var error = Assert.Throws<ConfigurationException>(() => Directory($"alice {{ password-hash = \"{hash}\" }}"));
        Assert.DoesNotContain(hash, error.Message);
    }

    [Fact]
    public void Permissions_are_per_virtual_host()
    {
        var directory = Directory("""
            alice {
              password = a
              permissions {
                "/" { read = "^a$" }
                other { configure = ".*", write = ".*", read = ".*" }
              }
            }
            """);
        var permissions = directory.Authenticate("alice", "a"u8, null)!.Permissions;
        Assert.True(permissions["/"].Allows(AccessRight.Read, "a"));
        Assert.False(permissions["/"].Allows(AccessRight.Read, "ab"));
        Assert.False(permissions["/"].Allows(AccessRight.Write, "a"));
        Assert.True(permissions["other"].Allows(AccessRight.Write, "a"));
    }

    [Fact]
    public void Names_with_dots_and_blanks_are_names()
    {
        var directory = Directory("\"a.b c\" { password = x, tags = \"one, two\" }");
        Assert.Equal(["one", "two"], directory.Authenticate("a.b c", "x"u8, null)!.Tags.Order());
    }

    private static UserDirectory Directory(string users)
    {
        var config = ConfigurationFactory.ParseString($"actor-broker {{ vhosts = [\"/\", other]\nusers {{ {users} }} }}").WithFallback(ActorBrokerReference.Config);
        var settings = BrokerSettings.From(config);
        return new UserDirectory(settings.Users, settings.LoopbackUsers);
    }
}
