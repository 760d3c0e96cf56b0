using System.Net;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Tests.Security;

/// <summary>Guessing passwords gets slow, and only for who guesses.</summary>
public sealed class RefusedLoginsSpec
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly RefusedLogins _logins = new();

    [Fact]
    public void Each_refusal_is_answered_later_than_the_one_before_up_to_the_longest_delay()
    {
        var delays = Enumerable.Range(0, 12).Select(_ => Refuse("192.0.2.1", "alice").TotalSeconds).ToArray();

        Assert.Equal([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5, 5, 5], delays.Select(d => Math.Round(d, 3)));
    }

    [Fact]
    public void Another_user_and_another_address_begin_anew()
    {
        Refuse("192.0.2.1", "alice", 10);

        Assert.Equal(TimeSpan.Zero, Refuse("192.0.2.1", "bob"));
        Assert.Equal(TimeSpan.Zero, Refuse("192.0.2.2", "alice"));
    }

    [Fact]
    public void Half_of_them_are_forgotten_every_minute()
    {
        Refuse("192.0.2.1", "alice", 8);

        Assert.Equal(TimeSpan.FromSeconds(0.8), Refuse("192.0.2.1", "alice", at: TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.Zero, Refuse("192.0.2.1", "alice", at: TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void One_address_that_tries_many_users_is_slowed_down_too()
    {
        for (var user = 0; user < 30; user++)
        {
            Refuse("192.0.2.1", $"user {user}");
        }

        Assert.Equal(Longest, Refuse("192.0.2.1", "another"));
    }

    [Fact]
    public void Many_addresses_that_try_one_user_are_slowed_down_too()
    {
        for (var source = 0; source < 30; source++)
        {
            Refuse($"192.0.2.{source}", "alice");
        }

        Assert.Equal(Longest, Refuse("198.51.100.1", "alice"));
        Assert.Equal(TimeSpan.Zero, Refuse("198.51.100.1", "bob"));
    }

    [Fact]
    public void Who_guesses_faster_than_that_is_not_heard_and_nobody_else_is()
    {
        Refuse("192.0.2.1", "alice", 10_000);

        Assert.False(_logins.IsHeard("192.0.2.1", "alice", TimeSpan.Zero));
        Assert.True(_logins.IsHeard("192.0.2.1", "bob", TimeSpan.Zero));
        Assert.True(_logins.IsHeard("192.0.2.2", "alice", TimeSpan.Zero));
        Assert.True(_logins.IsHeard("192.0.2.1", "alice", TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void In_the_long_run_a_flood_has_about_a_hundred_guesses_a_minute_looked_at()
    {
        var heard = 0;
        for (var tick = 0; tick < 100 * 600; tick++) // 100 a second for ten minutes
        {
            var now = TimeSpan.FromMilliseconds(10 * tick);
            if (_logins.IsHeard("192.0.2.1", "alice", now))
            {
                heard++;
                Refuse("192.0.2.1", "alice", at: now);
            }
        }

        Assert.InRange(heard, 500, 1000);
    }

    [Fact]
    public void However_many_there_are_little_is_kept_and_the_worst_are_remembered()
    {
        Refuse("192.0.2.1", "alice", 50);
        for (var n = 0; n < 20_000; n++)
        {
            Refuse($"2001:db8:{n:x}::/64", $"user {n}");
            Assert.InRange(_logins.Count, 1, RefusedLogins.Capacity + 2);
        }

        Assert.Equal(Longest, Refuse("192.0.2.1", "alice"));
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("::1", "::1")]
    public void An_address_stands_for_one_host(string address, string source) => Assert.Equal(source, PeerSource.Of(IPAddress.Parse(address)));

    private TimeSpan Refuse(string source, string user, int times = 1, TimeSpan at = default)
    {
        var delay = TimeSpan.Zero;
        for (var i = 0; i < times; i++)
        {
            delay = _logins.Refused(source, user, at, Longest);
        }

        return delay;
    }
}
