using ActorBroker.Clients.Tests.Running;
using ActorBroker.Tests.Shared;
using RabbitMQ.Client;

namespace ActorBroker.Clients.Tests;

[Collection(BrokerCollection.Name)]
public sealed class CelerySpec(BrokerProcess broker)
{
    private const int Count = 1000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [StockClientFact("celery")]
    public async Task A_worker_does_every_task_once_answers_those_that_ask_and_stops_cleanly()
    {
        await using var observer = await Observer.ConnectAsync(broker.Uri);
        var prefix = $"clients.celery.{Guid.NewGuid():N}";
        var done = Path.Combine(Sources.Build, prefix);
        var settings = $"export CELERY_BROKER=\"$1\" CELERY_PREFIX={prefix} CELERY_DONE={done} PYTHONPATH=celery; ";
        try
        {
            using var worker = StockClient.Start(
                settings + $"{StockClient.Python} -m celery -A tasks worker --pool prefork -c 4 --loglevel INFO",
                broker.Uri);
            await worker.WaitAsync(
                () => worker.Lines.Any(line => line.EndsWith(" ready.", StringComparison.Ordinal)),
                "the worker to be ready",
                Limit);

            using var driver = StockClient.Start(
                settings + $"{StockClient.Python} celery/drive.py \"$2\"", broker.Uri, $"{Count}");
            await driver.ShouldSucceedAsync(Limit);
            Assert.Equal(["20 answers, wrong: []"], driver.Lines);
            await worker.WaitAsync(() => File.ReadLines(done).Count() >= Count, "all tasks", Limit);

            worker.Terminate(); // a warm shutdown: late acknowledgements still go out
            await worker.ShouldSucceedAsync(Limit);
            Assert.Equal(
                Enumerable.Range(0, Count), (await File.ReadAllLinesAsync(done)).Select(int.Parse).Order());
            Assert.Equal(0u, await observer.Channel.MessageCountAsync(prefix));
        }
        finally
        {
            await observer.Channel.QueueDeleteAsync(prefix);
            string[] exchanges =
                [prefix, $"{prefix}.control.pidbox", $"reply.{prefix}.control.pidbox", $"{prefix}.events"];
            foreach (var exchange in exchanges)
            {
                await observer.Channel.ExchangeDeleteAsync(exchange);
            }
        }
    }
}
