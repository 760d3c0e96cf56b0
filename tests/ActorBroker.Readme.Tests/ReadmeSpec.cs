using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using ActorBroker.Tests.Shared;
using RabbitMQ.Client;

namespace ActorBroker.Readme.Tests;

/// <summary>
/// What README shows, as somebody pastes it who has seen nothing else: its commands in an empty folder, its code in place of the template's,
/// nothing added. Only ports are others, as the real ones may be in use here.
/// </summary>
[Collection(PackedCollection.Name)]
public sealed class ReadmeSpec(Packed packed)
{
    private const int Columns = 140;
    private const int SigTerm = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Readme = File.ReadAllText(Path.Combine(Packed.Root, "README.md"));

    [Fact]
    public async Task The_command_that_runs_it_does_and_the_program_that_talks_to_it()
    {
        Assert.Equal("dotnet run -c Release --project src/ActorBroker.Server -- --data ./data", Block("Run it", "bash"));
        var folder = await Make("Talk to it", "talk");
        var data = Directory.CreateTempSubdirectory("actorbroker-readme-");
        await using (var server = await BrokerProcess.StartAsync("--data", data.FullName)) // the same program, built already
        {
            Paste("Talk to it", folder, "Program.cs", ("5672", $"{server.Port}"));
            Assert.Contains("one coffee", await Packed.Run(folder, "dotnet", "run"));
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task A_web_application_embeds_it_and_serves_stock_clients()
    {
        var folder = await Make("Embed it", "shop");
        var port = FreePort();
        Paste("Embed it", folder, "Program.cs", ("5673", $"{port}"));
        await Packed.Run(folder, "dotnet", "build", "-v", "quiet");
        await using var shop = new Application(folder, "shop");
        using var web = new HttpClient { BaseAddress = new Uri(await shop.Says(@"Now listening on: (http://\S+)")) };
        using var answer = await web.PostAsync("/orders/fr?what=tea", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await shop.Says("(packing tea)");
        await using (var connection = await new ConnectionFactory { HostName = "127.0.0.1", Port = port }.CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.BasicPublishAsync("orders", "eu.de", Encoding.UTF8.GetBytes("beer"));
            await shop.Says("(packing beer)");
        }

        Assert.Equal(0, await shop.Stop());
        Assert.True(File.Exists(Path.Combine(folder, "shop-data/broker.db")) || Directory.GetFiles(Path.Combine(folder, "shop-data")).Length > 0);
    }

    [Fact]
    public async Task An_actor_consumes()
    {
        var folder = await Make("Embed it", "packing", nth: 1);
        Paste("Embed it", folder, "Program.cs", nth: 1);
        await Packed.Run(folder, "dotnet", "build", "-v", "quiet");
        await using var packing = new Application(folder, "packing");
        await packing.Says("(packing tea)");
        Assert.Equal(0, await packing.Stop());
    }

    [Fact]
    public async Task A_test_runs()
    {
        var folder = await Make("Test with it", "shop.tests");
        Paste("Test with it", folder, "UnitTest1.cs");
        Assert.Contains("Passed!", await Packed.Run(folder, "dotnet", "test"));
    }

    [Fact]
    public void What_it_shows_is_short()
    {
        var blocks = Regex.Matches(Readme, "```csharp\n(.*?)\n```", RegexOptions.Singleline).Select(m => m.Groups[1].Value.Split('\n')).ToList();
        Assert.Equal(4, blocks.Count); // each is run here
        Assert.All(blocks, b => Assert.InRange(b.Length, 1, 27));
        Assert.All(Readme.Split('\n'), line => Assert.InRange(line.Length, 0, Columns + 10));
    }

    /// <summary>A project as the commands of a section make it.</summary>
    private async Task<string> Make(string section, string project, int nth = 0)
    {
        await Packed.Run(packed.Folder, "bash", "-ec", Block(section, "bash", nth));
        return Path.Combine(packed.Folder, project);
    }

    private static void Paste(string section, string folder, string file, (string Old, string New) port = default, int nth = 0)
    {
        var code = Block(section, "csharp", nth);
        Assert.True(File.Exists(Path.Combine(folder, file)), $"the template makes no {file}");
        File.WriteAllText(Path.Combine(folder, file), port.Old is null ? code : code.Replace(port.Old, port.New, StringComparison.Ordinal));
    }

    private static string Block(string section, string language, int nth = 0)
    {
        var text = Readme[Readme.IndexOf($"\n## {section}\n", StringComparison.Ordinal)..];
        text = text[..text.IndexOf("\n## ", 4, StringComparison.Ordinal)];
        return Regex.Matches(text, $"```{language}\n(.*?)\n```", RegexOptions.Singleline)[nth].Groups[1].Value;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>A program that goes on until it is told to end.</summary>
    private sealed class Application(string folder, string name) : IAsyncDisposable
    {
        private readonly System.Diagnostics.Process _process = Packed.Start(folder, "dotnet", $"bin/Debug/net10.0/{name}.dll");
        private readonly StringBuilder _said = new();
        private Task<string>? _errors;

        /// <summary>The part in brackets of what it is about to say.</summary>
        public async Task<string> Says(string pattern)
        {
            _errors ??= _process.StandardError.ReadToEndAsync();
            while (Regex.Match(_said.ToString(), pattern) is var match)
            {
                if (match.Success)
                {
                    return match.Groups[1].Value;
                }

                var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
                if (line is null)
                {
                    Assert.Fail($"it has ended and never said {pattern}: {_said}{await _errors}");
                }

                _said.AppendLine(line);
            }

            return "";
        }

        /// <summary>As Ctrl-C does.</summary>
        /// <returns>Its exit code.</returns>
        public async Task<int> Stop()
        {
            _ = Kill(_process.Id, SigTerm);
            await _process.WaitForExitAsync().WaitAsync(Patience);
            return _process.ExitCode;
        }

        public ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
            return ValueTask.CompletedTask;
        }

        [DllImport("libc", EntryPoint = "kill")]
        private static extern int Kill(int process, int signal);
    }
}
