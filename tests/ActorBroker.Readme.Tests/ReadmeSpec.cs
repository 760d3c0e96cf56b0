using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActorBroker.Client;
using ActorBroker.Tests.Shared;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;

namespace ActorBroker.Readme.Tests;

/// <summary>What README shows is what compiles and runs here, word for word.</summary>
public class ReadmeSpec
{
    private const int Columns = 140;

    [Fact]
    public async Task An_embedded_broker_serves_the_application_an_actor_and_a_stock_client()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://127.0.0.1:0");
        await using var app = await EmbedSample.StartAsync();
        try
        {
            Assert.Equal("one coffee", await ClientSample.RunAsync(5673));
            var broker = app.Services.GetRequiredService<IBroker>();
            using var web = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            Assert.Equal("0", await (await web.PostAsync("/orders/fr?what=tea", null)).Content.ReadAsStringAsync());
            Assert.Equal(1, (await broker.InspectQueueAsync("orders.eu")).Ready);
            await ActorSample.RunAsync(broker, app.Services.GetRequiredService<ActorSystem>());
            while (await broker.InspectQueueAsync("orders.eu") is not { Ready: 0, Unacked: 0 })
            {
                await Task.Yield(); // the test's time limit ends this
            }
        }
        finally
        {
            await app.StopAsync();
            Directory.Delete("shop-data", recursive: true);
        }
    }

    [Fact]
    public async Task The_command_that_runs_it_does()
    {
        var command = Regex.Match(File.ReadAllText(Readme), "## Run it\n\n```bash\n(.*?)\n```").Groups[1].Value;
        Assert.Equal("dotnet run -c Release --project src/ActorBroker.Server -- --data ./data", command);
        var data = Directory.CreateTempSubdirectory("actorbroker-readme-");
        await using (var server = await BrokerProcess.StartAsync("--data", data.FullName))
        {
            Assert.Equal("one coffee", await ClientSample.RunAsync(server.Port)); // the same program, built already, on a free port
        }

        data.Delete(recursive: true);
    }

    [Theory]
    [InlineData("EmbedSample.cs", "embed", 8, 12)]
    [InlineData("ActorSample.cs", "actor", 4, 10)]
    [InlineData("TestSample.cs", "test", 0, 18)]
    [InlineData("ClientSample.cs", "client", 8, 7)]
    public void Shows_the_samples_word_for_word(string file, string marker, int indent, int most)
    {
        var sample = Sample(Path.Combine(Here(), file), marker, indent);
        Assert.Contains($"```csharp\n{string.Join('\n', sample)}\n```", File.ReadAllText(Readme));
        Assert.InRange(sample.Length, 1, most);
        Assert.All(sample, line => Assert.InRange(line.Length, 0, Columns));
    }

    private static string Readme => Path.Combine(Here(), "../../README.md");

    private static string[] Sample(string file, string marker, int indent) =>
        [.. File.ReadAllLines(file).Select(l => l.Length > indent ? l[indent..] : "")
            .SkipWhile(l => l != $"// {marker}").Skip(1).TakeWhile(l => l != "// end")];

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
