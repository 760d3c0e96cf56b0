using System.Net;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.Door;

/// <summary>Guessing a password: each refusal is in the log, and comes later than the one before.</summary>
public sealed class RefusedLoginSpec() : VirtualTimeSpec(
    """
    actor-broker.users.alice { password = "right", permissions { "/" { read = ".*" } } }
    """)
{
    private static readonly IPEndPoint Attacker = new(IPAddress.Parse("192.0.2.66"), 6666);

    [Fact]
    public async Task The_log_says_who_tried_from_where_and_why_not()
    {
        await Refused("alice", "wrong");
        await Refused("guest", "guest");
        await Refused("nobody\nWARNING all is well", "x");

        await Eventually(() => Diary.Warnings.Count >= 3, "three warnings");
        Assert.Contains(Diary.Warnings, w => w.Contains("from 192.0.2.66:6666: login of user 'alice' by PLAIN is refused: wrong password", StringComparison.Ordinal));
        Assert.Contains(Diary.Warnings, w => w.Contains("'guest' by PLAIN is refused: this user may connect from the broker's machine only", StringComparison.Ordinal));
        Assert.Contains(Diary.Warnings, w => w.Contains("'nobody\\nWARNING all is well' by PLAIN is refused: there is no such user", StringComparison.Ordinal));
        Assert.DoesNotContain(Diary.Warnings, w => w.Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_second_wrong_password_is_answered_after_a_while_and_the_right_one_from_elsewhere_at_once()
    {
        await Refused("alice", "wrong");
        var guesser = Connect(Attacker);
        await StartOk(guesser, "alice", "wrong again");
        await Eventually(() => Diary.Warnings.Count == 2, "the second refusal to be known");
        await Pass(TimeSpan.FromMilliseconds(90), guesser);
        Assert.False(guesser.Run.IsCompleted);

        await (await Open(new Handshake().As("alice", "right"), new IPEndPoint(IPAddress.Parse("192.0.2.7"), 1))).Wire.Close();
        await (await Open(new Handshake().As("alice", "right"), Attacker)).Wire.Close();
        Assert.False(guesser.Run.IsCompleted);

        await Pass(TimeSpan.FromMilliseconds(20), guesser);
        Assert.Equal(ReplyCode.AccessRefused, (await guesser.Wire.ExpectConnectionClose()).ReplyCode);
    }

    [Fact]
    public async Task A_flood_of_guesses_writes_few_lines_and_then_how_many_there_were()
    {
        var guessers = Enumerable.Range(0, 40).Select(_ => Connect(Attacker)).ToArray();
        await Task.WhenAll(guessers.Select(g => StartOk(g, "alice", "wrong")));
        await Eventually(() => guessers.All(g => g.Connection.Reads >= 2), "all of them to be judged");
        await Eventually(() => Diary.Warnings.Count >= 5, "the first lines");
        Assert.Equal(5, Diary.Warnings.Count);

        foreach (var guesser in guessers)
        {
            await ActorIsUpToDate(guesser);
        }

        Advance(TimeSpan.FromSeconds(11));
        await Eventually(() => Diary.Warnings.Any(w => w.Contains("35 more refused logins from 192.0.2.66 in 00:00:10", StringComparison.Ordinal)), "the sum");
    }

    [Fact]
    public async Task Who_is_cut_off_while_the_answer_waits_leaves_nothing()
    {
        await Refused("alice", "wrong");
        var guesser = Connect(Attacker);
        await StartOk(guesser, "alice", "wrong again");
        await Eventually(() => Diary.Warnings.Count == 2, "the second refusal to be known");
        guesser.Connection.Abort();

        await guesser.Ended();
    }

    private async Task Refused(string user, string password)
    {
        var client = Connect(Attacker);
        await StartOk(client, user, password);
        Assert.Equal(ReplyCode.AccessRefused, (await client.Wire.ExpectConnectionClose()).ReplyCode);
    }

    private static async Task StartOk(ServedClient client, string user, string password)
    {
        await client.Wire.Send(Frames.ProtocolHeader);
        await client.Wire.Expect<ConnectionStart>(0);
        await client.Wire.Send(0, new Handshake().As(user, password).StartOk);
    }
}
