using ActorBroker.Amqp;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.ServerProcesses;

/// <summary>Users and virtual hosts by command line, whether the server runs or not.</summary>
public sealed class OperatorCommandsSpec : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("actorbroker-").FullName;

    private string Socket => Path.Combine(_data, "control.sock");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Without_a_server_a_command_changes_the_store_and_the_server_knows_it_later()
    {
        await Done("add-user", "alice", "--password", "@secret", "--tags", "monitoring,x");
        await Done("set-permissions", "alice", ".*", ".*", "^a\tb");
        await Done("change-password", "guest", "--password", "better");
        Assert.Equal("user\ttags\nalice\tmonitoring,x\nguest\tadministrator\n", await Done("list-users"));
        await using var server = await Running();
        await using var alice = await Opened(server, new Handshake().As("alice", "@secret"));
        await alice.Declare(1, "q");
        await using var refused = await SocketClient.Connect(server.Endpoints[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => refused.Open());
        server.Terminate();
        Assert.Equal(0, await server.Exit());
        Assert.Equal("user\tvhost\tconfigure\twrite\tread\nalice\t/\t.*\t.*\t^a\\tb\nguest\t/\t.*\t.*\t.*\n", await Done("list-permissions"));
    }

    [Fact]
    public async Task With_a_server_a_command_is_done_by_it_and_counts_at_once()
    {
        await using var server = await Running();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket));
        }

        await Done("add-vhost", "v");
        await Done("add-user", "alice", "--password", "secret");
        await Done("set-permissions", "-p", "v", "alice", ".*", ".*", ".*");
        Assert.Equal("name\n/\nv\n", await Done("list-vhosts"));
        Assert.Equal("user\tvhost\tconfigure\twrite\tread\nalice\tv\t.*\t.*\t.*\n", await Done("list-permissions", "-p", "v"));
        await using var alice = await Opened(server, new Handshake { VirtualHost = "v" }.As("alice", "secret"));
        await alice.Declare(1, "q");

        await Done("clear-permissions", "-p", "v", "alice");
        await alice.Send(1, new Amqp.Methods.QueueDelete("q", false, false, false));
        Assert.Equal(ReplyCode.AccessRefused, (await alice.ExpectChannelClose(1)).ReplyCode);
        await Done("set-permissions", "-p", "v", "alice", ".*", ".*", ".*");
        await using var again = await Opened(server, new Handshake { VirtualHost = "v" }.As("alice", "secret"));
        await Done("delete-vhost", "v");
        Assert.Equal("CONNECTION_FORCED - vhost 'v' is deleted", (await again.ExpectConnectionClose()).ReplyText);
        await Done("set-permissions", "alice", ".*", ".*", ".*");
        await using var inRoot = await Opened(server, new Handshake().As("alice", "secret"));
        await Done("delete-user", "alice");
        Assert.Equal("CONNECTION_FORCED - user 'alice' is deleted", (await inRoot.ExpectConnectionClose()).ReplyText);
        server.Terminate();
        Assert.Equal(0, await server.Exit());
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task Topics_are_limited_and_the_watermark_is_changed_while_the_server_runs()
    {
        await Refused("no server runs on this data directory", "set-memory-high-watermark", "50%");
        await using var server = await Running();
        await Done("add-user", "bob", "--password", "secret");
        await Done("set-permissions", "bob", ".*", ".*", ".*");
        await using var bob = await Opened(server, new Handshake().As("bob", "secret"));
        await bob.Send(Frames.Publish(1, "amq.topic", "x.1", "fine"u8));
        await bob.Sync(1);
        await Done("set-topic-permissions", "bob", "amq.topic", "^{username}\\.", ".*");
        await Done("set-topic-permissions", "bob", "other", "", "");
        await Done("clear-topic-permissions", "bob", "other");
        Assert.Equal("user\tvhost\texchange\twrite\tread\nbob\t/\tamq.topic\t^{username}\\.\t.*\n", await Done("list-topic-permissions"));
        Assert.Equal("user\tvhost\texchange\twrite\tread\n", await Done("list-topic-permissions", "-p", "v"));
        await bob.Send(Frames.Publish(1, "amq.topic", "x.1", "refused"u8));
        Assert.Equal(ReplyCode.AccessRefused, (await bob.ExpectChannelClose(1)).ReplyCode);
        await Refused("backtracking", "set-topic-permissions", "bob", "amq.topic", "(?=a)", "");
        await Refused("backtracking", "set-permissions", "bob", "(?=a)", "", "");

        await using var publisher = await Opened(server, new Handshake());
        await publisher.Publish(1, "q", "x");
        await publisher.Sync(1);
        await Done("set-memory-high-watermark", "16MiB");
        Assert.Equal("low on memory", (await publisher.Expect<Amqp.Methods.ConnectionBlocked>(0)).Reason);
        await Done("set-memory-high-watermark", "off");
        await publisher.Expect<Amqp.Methods.ConnectionUnblocked>(0);
        await Refused("must be 1% to 100%", "set-memory-high-watermark", "200%");
        server.Terminate();
        Assert.Equal(0, await server.Exit());
        Assert.Contains("bob\t/\tamq.topic", await Done("list-topic-permissions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_one_line_with_exit_code_2()
    {
        await Refused("there is no user 'nobody'", "delete-user", "nobody");
        await Refused("user 'guest' is there already", "add-user", "guest", "--password", "x");
        await Refused("set actor-broker.users.guest.enabled = off", "delete-user", "guest");
        await Refused("give the password by --password or by --password-stdin", "add-user", "alice");
        await Refused("permissions must be regular expressions", "set-permissions", "guest", "(", "", "");
        var (code, _, errors) = await ServerProcess.Run(["list-users"]);
        Assert.Equal(2, code);
        Assert.Contains("name the data directory by --data", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await ServerProcess.Run(["list-users", "--data", Path.Combine(_data, "no")])).Code);
    }

    [Fact]
    public async Task A_socket_that_a_killed_server_left_behind_is_no_server()
    {
        var server = await Running();
        await server.DisposeAsync(); // kills it
        Assert.True(File.Exists(Socket));
        Assert.Equal("name\n/\n", await Done("list-vhosts"));
        await using var next = await Running();
        await Done("add-vhost", "v");
        next.Terminate();
        Assert.Equal(0, await next.Exit());
    }

    private async Task<string> Done(string verb, params string[] arguments)
    {
        var (code, output, errors) = await ServerProcess.Run([verb, .. arguments, "--data", _data]);
        Assert.Equal((0, ""), (code, errors));
        return output.ReplaceLineEndings("\n");
    }

    private async Task Refused(string error, string verb, params string[] arguments)
    {
        var (code, _, errors) = await ServerProcess.Run([verb, .. arguments, "--data", _data]);
        Assert.Equal(2, code);
        Assert.Contains(error, errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Task<ServerProcess> Running() => ServerProcess.Listening("--listen", "127.0.0.1:0", "--data", _data);

    private static async Task<WireClient> Opened(ServerProcess server, Handshake handshake)
    {
        var client = await SocketClient.Connect(server.Endpoints[0]);
        await client.Open(handshake);
        await client.OpenChannel(1);
        return client;
    }
}
