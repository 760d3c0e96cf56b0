using ActorBroker.Listener.Transport;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>Who must go when too many are on their way in.</summary>
public sealed class LobbySpec
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private readonly HashSet<string> _left = [];
    private readonly Lobby<string> _lobby;

    public LobbySpec() => _lobby = new Lobby<string>(Grace, _left.Contains);

    [Fact]
    public void Up_to_the_bound_everybody_enters()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.True(Enter($"p{i}", "a", 0, places: 100, out var leaves));
            Assert.Null(leaves);
        }

        Assert.Equal(100, _lobby.Count);
    }

    [Fact]
    public void The_oldest_of_the_address_that_has_most_makes_room_for_another_address()
    {
        Fill("a", 3);
        Enter("b0", "b", 0, 4, out _);

        Assert.True(Enter("c0", "c", 0.001, 4, out var leaves));
        Assert.Equal("a0", leaves);
        Assert.True(Enter("c1", "c", 0.001, 4, out leaves) is false && leaves is null, "two of a, two of c would be no fairer");
    }

    [Fact]
    public void A_rush_from_one_address_does_not_throw_itself_out_before_its_grace_is_over()
    {
        Fill("a", 10);

        Assert.False(Enter("late", "a", 0.9, 10, out _));
        Assert.True(Enter("later", "a", 1.1, 10, out var leaves));
        Assert.Equal("a0", leaves);
    }

    [Fact]
    public void Who_has_gone_unnoticed_has_no_grace()
    {
        Fill("a", 10);
        _left.Add("a0");

        Assert.True(Enter("late", "a", 0.1, 10, out var leaves));
        Assert.Equal("a0", leaves);
    }

    [Fact]
    public void Who_has_finished_or_is_gone_leaves_a_place()
    {
        Fill("a", 10);

        Assert.True(_lobby.Leave("a5"));
        Assert.False(_lobby.Leave("a5"));
        Assert.True(Enter("next", "a", 0, 10, out var leaves));
        Assert.Null(leaves);
    }

    [Fact]
    public void Without_any_place_nobody_enters_and_nobody_leaves()
    {
        Fill("a", 10);

        Assert.False(Enter("b", "b", 5, places: 0, out var leaves));
        Assert.Null(leaves);
        Assert.Equal(10, _lobby.Count);
    }

    [Fact]
    public void For_want_of_a_descriptor_the_oldest_of_the_greatest_crowd_goes_whatever_its_age()
    {
        Enter("b0", "b", 0, 10, out _);
        Fill("a", 2);

        Assert.True(_lobby.TryShed(out var leaves));
        Assert.Equal("a0", leaves);
        Assert.True(_lobby.TryShed(out leaves));
        Assert.Equal("b0", leaves);
        Assert.True(_lobby.TryShed(out _));
        Assert.False(_lobby.TryShed(out _));
    }

    /// <summary>However many peers one address sends, a client of another is always let in and stays until it is done.</summary>
    [Fact]
    public void No_address_keeps_another_out()
    {
        var random = new Random(8);
        var isIn = false;
        for (var step = 0; step < 20_000; step++)
        {
            Enter($"a{step}", "a", step * 0.0001, 50, out var leaves);
            Assert.NotEqual("honest", leaves);
            if (!isIn && random.Next(100) == 0)
            {
                Assert.True(Enter("honest", "b", step * 0.0001, 50, out _));
                isIn = true;
            }
            else if (isIn && random.Next(50) == 0)
            {
                Assert.True(_lobby.Leave("honest"));
                isIn = false;
            }

            Assert.InRange(_lobby.Count, 1, 50);
        }
    }

    private void Fill(string source, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Enter($"{source}{i}", source, 0, 1000, out _);
        }
    }

    private bool Enter(string peer, string source, double seconds, int places, out string? leaves) =>
        _lobby.TryEnter(string.Intern(peer), source, places, TimeSpan.FromSeconds(seconds), out leaves);
}
