using ActorBroker.Clients.Tests.Running;
using ActorBroker.Tests.Shared;
using RabbitMQ.Client;

namespace ActorBroker.Clients.Tests;

[Collection(BrokerCollection.Name)]
public sealed class MixedLanguagesSpec(BrokerProcess broker)
{
    private const int Count = 400;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [StockClientFact("java", "python-pika", "ruby-bunny")]
    public async Task What_a_Java_program_sends_is_processed_once_by_a_Python_or_a_Ruby_program()
    {
        await StockClient.Java.CompileAsync();
        await using var observer = await Observer.ConnectAsync(broker.Uri);
        var queue = $"clients.mixed.{Guid.NewGuid()}";
        await observer.Channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        try
        {
            using var python = StockClient.Start(
                $"{StockClient.Python} python-pika/consume.py \"$1\" \"$2\"", broker.Uri, queue);
            using var ruby = StockClient.Start("exec ruby ruby-bunny/work.rb \"$1\" \"$2\"", broker.Uri, queue);
            await observer.WaitForConsumersAsync(queue, 2, Limit);

            using var java = StockClient.Start(
                $"exec java -cp {StockClient.JavaLibraries}:\"$BUILD/java\" Produce \"$1\" \"$2\" \"$3\"",
                broker.Uri, queue, $"{Count}");
            await java.ShouldSucceedAsync(Limit);
            await python.WaitAsync(() => python.Lines.Count + ruby.Lines.Count >= Count, "all messages", Limit);

            // the end of the queue is the end of the consumers: the broker cancels them
            await observer.Channel.QueueDeleteAsync(queue);
            await python.ShouldSucceedAsync(Limit);
            await ruby.ShouldSucceedAsync(Limit);
            Assert.Equal(
                Enumerable.Range(0, Count).Select(number => $"got {number}").Order(),
                python.Lines.Concat(ruby.Lines).Order());
            Assert.NotEmpty(python.Lines);
            Assert.NotEmpty(ruby.Lines);
        }
        finally
        {
            await observer.Channel.QueueDeleteAsync(queue);
        }
    }
}
