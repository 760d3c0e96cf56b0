using System.Diagnostics;
using ActorBroker.Addresses;
using ActorBroker.TestKit.Faults;
using Akka.Actor;
using Xunit.Sdk;

namespace ActorBroker.TestKit.Scenarios;

/// <summary>A queue of a test's broker, to look at. Looking changes nothing: not even the time at which the queue expires.</summary>
public sealed class TestQueue
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5); // real time, for what clients on sockets are still doing
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly TestBroker _broker;
    private readonly TestVirtualHost _host;

    internal TestQueue(TestBroker broker, TestVirtualHost host, string name)
    {
        _broker = broker;
        _host = host;
        Name = name;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Messages that wait; null when there is no such queue.</summary>
    public async Task<int?> DepthAsync() => (await LookAsync().ConfigureAwait(false))?.Ready;

    /// <summary>Messages that are with consumers; null when there is no such queue.</summary>
    public async Task<int?> UnackedAsync() => (await LookAsync().ConfigureAwait(false))?.Unacked;

    /// <summary>That many messages wait. Clients on sockets get 5 s of real time to bring it about.</summary>
    /// <exception cref="XunitException">They do not; says how many wait and who holds others.</exception>
    public Task ShouldHaveDepth(int messages) => Should(s => s?.Ready == messages, $"{messages} messages waiting");

    /// <summary>That many messages are with consumers and not settled.</summary>
    /// <exception cref="XunitException">They are not.</exception>
    public Task ShouldHaveUnacked(int messages) => Should(s => s?.Unacked == messages, $"{messages} messages unacked");

    /// <summary>It has that many consumers.</summary>
    /// <exception cref="XunitException">It has not.</exception>
    public Task ShouldHaveConsumers(int consumers) => Should(s => s?.Consumers.Count == consumers, $"{consumers} consumers");

    /// <summary>It is there.</summary>
    /// <exception cref="XunitException">It is not.</exception>
    public Task ShouldExist() => Should(s => s is not null, "to exist");

    /// <summary>It is deleted, or has expired.</summary>
    /// <exception cref="XunitException">It is there.</exception>
    public Task ShouldBeGone() => Should(s => s is null, "to be gone");

    /// <summary>
    /// The queue fails and begins anew: its consumers are cancelled, what they held is ready again. A durable queue of a journaled broker
    /// has all that was confirmed and not acked; another one is empty.
    /// </summary>
    /// <exception cref="XunitException">There is no such queue.</exception>
    public async Task KillAsync()
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        var queue = Find() ?? throw new XunitException($"{this}: there is no such queue to kill");
        queue.Actor.Tell(new QueueProtocol.Fail(new InjectedFaultException(queue.Description)), ActorRefs.NoSender);
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
    }

    /// <summary>How errors name it.</summary>
    public override string ToString() => $"queue '{Name}'{_host.Place}";

    private async Task Should(Func<QueueProtocol.SurveyResult?, bool> isSo, string what)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var seen = await LookAsync().ConfigureAwait(false);
            if (isSo(seen))
            {
                return;
            }

            if (!_broker.HasClientsOutside || since.Elapsed > Patience)
            {
                throw new XunitException($"{this}: expected {what}, but {Describe(seen)}");
            }

            await Task.Delay(Pause, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private async Task<QueueProtocol.SurveyResult?> LookAsync()
    {
        await _broker.Clock.AtRestAsync().ConfigureAwait(false);
        return Find() is { } queue ? await Survey(queue).ConfigureAwait(false) : null;
    }

    private QueueHandle? Find() => _broker.Running.FindVirtualHost(_host.Name)?.FindQueue(Name);

    internal static Task<QueueProtocol.SurveyResult> Survey(QueueHandle queue)
    {
        var survey = new QueueProtocol.Survey(new Reply<QueueProtocol.SurveyResult>());
        queue.Actor.Tell(survey, ActorRefs.NoSender);
        return survey.Reply.Task;
    }

    private static string Describe(QueueProtocol.SurveyResult? seen) => seen is null
        ? "there is no such queue"
        : $"{seen.Ready} messages wait, {seen.Unacked} are unacked, and it has {seen.Consumers.Count} consumers";
}
