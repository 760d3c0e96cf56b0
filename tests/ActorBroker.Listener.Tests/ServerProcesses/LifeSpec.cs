using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Listener.Tests.Support;

namespace ActorBroker.Listener.Tests.ServerProcesses;

/// <summary>The server from its start to its end.</summary>
public sealed class LifeSpec
{
    [Fact]
    public async Task Sigterm_tells_clients_320_and_exits_0()
    {
        await using var server = await ServerProcess.Listening("--listen", "127.0.0.1:0");
        await using var client = await Opened(server);
        await client.RoundTrip(1);
        server.Terminate();

        var close = await client.ExpectConnectionClose();
        Assert.Equal(ReplyCode.ConnectionForced, close.ReplyCode);
        Assert.StartsWith("CONNECTION_FORCED - ", close.ReplyText, StringComparison.Ordinal);
        Assert.Equal(0, await server.Exit());
    }

    [Fact]
    public async Task Sigterm_exits_0_within_8_s_though_one_client_does_not_answer_one_does_not_read_and_one_is_half_way_in()
    {
        await using var server = await ServerProcess.Listening("--listen", "127.0.0.1:0");
        await using var deaf = await Opened(server);
        await using var notReading = await Opened(server);
        await notReading.Declare(1, "q");
        await notReading.Send(1, WireClient.ConsumeMethod("q"));
        await notReading.SendFlood(Frames.Publish(1, "", "q", new byte[8 << 20])).WaitAsync(WireClient.Patience);
        await using var halfWay = await SocketClient.Connect(server.Endpoints[0]);
        await halfWay.LogIn(new Handshake());
        await using var silent = await SocketClient.Connect(server.Endpoints[0]);
        var watch = Stopwatch.StartNew();
        server.Terminate();

        Assert.Equal(0, await server.Exit());
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 8);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_ends_the_server()
    {
        await using var server = await ServerProcess.Listening("--listen", "127.0.0.1:0");
        var (code, _, errors) = await ServerProcess.Run(["--listen", $"{server.Endpoints[0]}"]);

        Assert.Equal(2, code);
        var where = $"actor-broker.amqp.listen = {server.Endpoints[0]}";
        Assert.Equal($"actorbroker: {where}: another program listens there; stop it, or name another port by --listen HOST:PORT\n", errors);
    }

    [Fact]
    public async Task Start_and_stop_are_a_line_each()
    {
        var directory = Directory.CreateTempSubdirectory("actorbroker-life-").FullName;
        try
        {
            await using var server = await ServerProcess.Listening("--listen", "127.0.0.1:0", "--data", directory);
            await using var client = await Opened(server);
            server.Terminate();
            await client.ExpectConnectionClose();
            Assert.Equal(0, await server.Exit());

            var lines = (await server.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(3, lines.Length);
            Assert.Matches(@"^Store: the SQLite database .*actorbroker\.db; 0 durable queues recovered, started in \d+\.\d s$", lines[0]);
            Assert.Equal("SIGTERM: stops, with 1 connections", lines[1]);
            Assert.Matches(@"^Stopped: all is written, drained in \d+\.\d s$", lines[2]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("umask 0")]
    [InlineData("umask 0022")]
    [UnsupportedOSPlatform("windows")]
    public async Task What_the_broker_writes_is_for_its_owner_only_whatever_the_umask(string umask)
    {
        var parent = Directory.CreateTempSubdirectory("actorbroker-life-").FullName;
        var directory = Path.Combine(parent, "data");
        try
        {
            await using var server = await ServerProcess.ListeningBehind(umask, "--listen", "127.0.0.1:0", "--data", directory);
            await using var client = await Opened(server);
            const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            string[] files = [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal)];
            string[] expected = ["actorbroker.db", "actorbroker.db-shm", "actorbroker.db-wal", "actorbroker.lock", "control.sock"];
            Assert.All(expected, name => Assert.Contains(Path.Combine(directory, name), files));
            Assert.All(files, file => Assert.Equal((file, Owner), (file, File.GetUnixFileMode(file))));
            Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    [Fact]
    public async Task Endpoints_may_come_from_the_environment_and_be_several()
    {
        await using var server = await ServerProcess.ListeningWith(("ACTORBROKER__AMQP__LISTEN", "127.0.0.1:0, 127.0.0.1:0"));

        Assert.Equal(2, server.Endpoints.Count);
        foreach (var endpoint in server.Endpoints)
        {
            await using var client = await SocketClient.Connect(endpoint);
            await client.Open();
            await client.Close();
        }
    }

    [Fact]
    public async Task When_the_process_runs_out_of_file_handles_it_serves_again_as_soon_as_some_are_free()
    {
        await using var server = await ServerProcess.ListeningBehind("ulimit -n 256", "--listen", "127.0.0.1:0");
        var many = new List<Socket>();
        for (var i = 0; i < 300; i++)
        {
            many.Add(await SocketClient.ConnectSocket(server.Endpoints[0])); // the kernel takes those that the server cannot
        }

        await using (await TryOpen(server))
        {
            many.ForEach(s => s.Dispose());
        }

        await using var late = await Opened(server);
        await late.RoundTrip(1);
        server.Terminate();
        await late.ExpectConnectionClose();
        Assert.Equal(0, await server.Exit());
    }

    private static async Task<WireClient> TryOpen(ServerProcess server)
    {
        var client = await SocketClient.Connect(server.Endpoints[0]);
        await client.Send(Frames.ProtocolHeader);
        return client;
    }

    private static async Task<WireClient> Opened(ServerProcess server)
    {
        var client = await SocketClient.Connect(server.Endpoints[0]);
        await client.Open();
        await client.OpenChannel(1);
        return client;
    }
}
