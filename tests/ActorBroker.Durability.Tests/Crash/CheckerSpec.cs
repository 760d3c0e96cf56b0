namespace ActorBroker.Durability.Tests.Crash;

/// <summary>The checker sees each defect, and nothing in a history that is as it should be.</summary>
public sealed class CheckerSpec
{
    private const int ToQ = 0;
    private const int ToFan = 1;
    private const int ToSource = 2;
    private const int ToSingle = 3;

    private static readonly CrashTopology Topology = new(
        [
            new CrashQueue("q", Manners.AckEach, 2),
            new CrashQueue("r", Manners.AckEach, 1),
            new CrashQueue("source", Manners.Reject, 1, "dead"),
            new CrashQueue("dead", Manners.AckEach, 1) { TakesDeadLetters = true },
            new CrashQueue("single", Manners.AckEach, 2) { SingleActive = true },
        ],
        [new CrashRoute("", "q", "q"), new CrashRoute("fan", "", "q", "r"), new CrashRoute("", "source", "source"), new CrashRoute("", "single", "single")]);

    private readonly History _history = new();
    private readonly Dictionary<int, int> _numbers = [];

    [Fact]
    public void A_good_history_with_a_crash_a_requeue_and_dead_letters_is_accepted()
    {
        var (first, second, third) = (Published(1, 0), Published(1, 0), Published(1, 0, ToSource));
        Step("q", Crash.Step.Delivered, first, 1, 100);
        Step("q", Crash.Step.Requeued, first, 1, 110);
        Step("q", Crash.Step.Delivered, second, 1, 120);
        Step("q", Crash.Step.Redelivered, first, 1, 130);
        Step("source", Crash.Step.Delivered, third, 1, 130);
        Step("source", Crash.Step.Rejected, third, 1, 140);
        Killed(1);
        Step("source", Crash.Step.Redelivered, third, 2, 200);
        Step("source", Crash.Step.Rejected, third, 2, 210);
        Step("dead", Crash.Step.Delivered, third, 2, 220);
        Step("dead", Crash.Step.Acked, third, 2, 230);
        Step("dead", Crash.Step.Delivered, third, 2, 240);
        Step("dead", Crash.Step.Acked, third, 2, 250);
        Taken("q", Crash.Step.Redelivered, first, 2, 300);
        Taken("q", Crash.Step.Redelivered, second, 2, 310);
        Taken("q", Crash.Step.Delivered, Published(2, 400), 2, 420);

        Finds();
    }

    [Fact]
    public void A_confirmed_message_that_nobody_got_is_lost()
    {
        var lost = Published(1, 0);
        Killed(1);

        Finds($"q: {lost}, confirmed in life 1, is lost");
    }

    [Fact]
    public void A_confirmed_message_that_came_and_was_never_acknowledged_is_lost()
    {
        var lost = Published(1, 0);
        Step("q", Crash.Step.Delivered, lost, 1, 10);
        Killed(1);

        Finds($"q: {lost}, confirmed in life 1, is lost");
    }

    [Fact]
    public void A_fan_out_has_to_arrive_in_each_queue()
    {
        var lost = Published(1, 0, ToFan);
        Taken("q", Crash.Step.Delivered, lost, 1, 10);

        Finds($"r: {lost}, confirmed in life 1, is lost");
    }

    [Fact]
    public void A_rejected_message_has_to_arrive_among_the_dead_letters()
    {
        var lost = Published(1, 0, ToSource);
        Step("source", Crash.Step.Delivered, lost, 1, 10);
        Step("source", Crash.Step.Rejected, lost, 1, 20);

        Finds($"source: {lost}, confirmed in life 1, is lost");
    }

    [Fact]
    public void An_unconfirmed_message_may_be_lost_and_may_come()
    {
        Publish(1, 0, confirmed: null);
        var came = Publish(1, 0, confirmed: null);
        Killed(1);
        Taken("q", Crash.Step.Delivered, came, 2, 10);

        Finds();
    }

    [Fact]
    public void A_transient_message_may_be_lost_with_its_life_and_only_with_it()
    {
        Publish(1, 0, persistent: false);
        Killed(1);
        var lost = Publish(2, 0, persistent: false);

        Finds($"q: {lost}, confirmed in life 2, is lost");
    }

    [Fact]
    public void A_transient_message_must_not_outlive_the_server()
    {
        var transient = Publish(1, 0, persistent: false);
        Killed(1);
        Taken("q", Crash.Step.Delivered, transient, 2, 100);

        Finds($"q: {transient}, Delivered in life 2 at 0.100 s: it is transient and was published in life 1");
    }

    [Fact]
    public void A_second_delivery_must_be_marked()
    {
        var twice = Published(1, 0);
        Step("q", Crash.Step.Delivered, twice, 1, 10);
        Killed(1);
        Taken("q", Crash.Step.Delivered, twice, 2, 100);

        var unmarked = $"q: {twice}, Delivered in life 2 at 0.100 s: "
            + "it was delivered before, in life 1, and is not marked as redelivered";
        Finds(unmarked);
    }

    [Fact]
    public void An_acknowledgement_that_was_written_is_for_ever()
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        Taken("r", Crash.Step.Delivered, Published(1, 600, ToFan), 1, 610);
        Taken("q", Crash.Step.Delivered, new MessageId(0, 1), 1, 610);
        Killed(1);
        Taken("q", Crash.Step.Redelivered, returned, 2, 700);

        Finds($"q: {returned}, Redelivered in life 2 at 0.700 s: it returned although its settlement in life 1 had been written");
    }

    [Fact]
    public void An_acknowledgement_just_before_a_kill_may_be_forgotten()
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        Taken("q", Crash.Step.Delivered, Published(1, 400), 1, 410);
        Killed(1);
        Taken("q", Crash.Step.Redelivered, returned, 2, 700);

        Finds();
    }

    [Fact]
    public void After_a_good_end_every_acknowledgement_is_written()
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        _history.LifeEnded(1, LifeEnd.StoppedAtRest);
        Taken("q", Crash.Step.Redelivered, returned, 2, 20);

        Finds($"q: {returned}, Redelivered in life 2 at 0.020 s: it returned although its settlement in life 1 had been written");
    }

    [Theory]
    [InlineData(Crash.Step.Acked, true)]
    [InlineData(Crash.Step.Unsure, false)]
    public void What_was_settled_just_before_the_consumer_cut_its_connection_may_return(Step last, bool isFound)
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        Step("q", last, returned, 1, 15);
        Taken("q", Crash.Step.Redelivered, returned, 1, 20);
        Taken("q", Crash.Step.Delivered, Published(1, 900), 1, 910); // proves that all before it is written

        Finds(isFound ? [$"q: {returned}, Redelivered in life 1 at 0.020 s: it returned although its settlement in life 1 had been written"] : []);
    }

    [Theory]
    [InlineData("q", Crash.Step.Redelivered, true)]
    [InlineData("q", Crash.Step.Delivered, false)]
    [InlineData("single", Crash.Step.Redelivered, false)]
    public void After_a_cut_what_was_on_its_way_may_come_late_but_to_a_single_active_consumer(string queue, Step step, bool isFine)
    {
        var route = queue == "q" ? ToQ : ToSingle;
        var (first, second) = (Published(1, 0, route), Published(1, 0, route));
        _history.NoteCut(queue, 1);
        Taken(queue, Crash.Step.Delivered, second, 1, 10);
        Taken(queue, step, first, 1, 20);

        Finds(isFine ? [] : [$"{queue}: {first}, {step} in life 1 at 0.020 s: it came to consumer 0 after {second}"]);
    }

    [Fact]
    public void What_returns_after_a_cut_says_redelivered()
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        Step("q", Crash.Step.Unsure, returned, 1, 15);
        Taken("q", Crash.Step.Delivered, returned, 1, 20);

        Finds($"q: {returned}, Delivered in life 1 at 0.020 s: it was delivered before, in life 1, and is not marked as redelivered");
    }

    [Theory]
    [InlineData(LifeEnd.Closed, true)]
    [InlineData(LifeEnd.StoppedAtWork, false)]
    public void A_transient_message_outlives_closed_connections_only(LifeEnd end, bool outlives)
    {
        var (kept, lost) = (Publish(1, 0, persistent: false), Publish(1, 0, persistent: false));
        _history.LifeEnded(1, end);
        Taken("q", Crash.Step.Redelivered, kept, 2, 20);

        Finds(outlives
            ? [$"q: {lost}, confirmed in life 1, is lost"]
            : [$"q: {kept}, Redelivered in life 2 at 0.020 s: it is transient and was published in life 1"]);
    }

    [Fact]
    public void A_message_must_not_return_in_the_life_of_its_acknowledgement()
    {
        var returned = Published(1, 0);
        Taken("q", Crash.Step.Delivered, returned, 1, 10);
        Taken("q", Crash.Step.Redelivered, returned, 1, 20);

        Finds($"q: {returned}, Redelivered in life 1 at 0.020 s: it returned after its settlement, in the same life");
    }

    [Fact]
    public void A_message_must_not_be_at_two_consumers_at_once()
    {
        var shared = Published(1, 0);
        Step("q", Crash.Step.Delivered, shared, 1, 10);
        Taken("q", Crash.Step.Redelivered, shared, 1, 20, consumer: 1);

        Finds($"q: {shared}, Redelivered in life 1 at 0.020 s: it is at two consumers at once");
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(25, true)]
    public void But_it_may_while_connections_are_closed_one_after_the_other(int from, bool isTooLate)
    {
        var shared = Published(1, 0);
        Step("q", Crash.Step.Delivered, shared, 1, 10);
        Taken("q", Crash.Step.Redelivered, shared, 1, 20, consumer: 1);
        _history.LifeEnds(1, TimeSpan.FromMilliseconds(from));
        _history.LifeEnded(1, LifeEnd.Closed);

        Finds(isTooLate ? [$"q: {shared}, Redelivered in life 1 at 0.020 s: it is at two consumers at once"] : []);
    }

    [Fact]
    public void A_single_active_consumer_begins_with_what_the_one_before_left()
    {
        var ids = Enumerable.Range(0, 4).Select(_ => Published(1, 0, ToSingle)).ToArray();
        Step("single", Crash.Step.Delivered, ids[0], 1, 10, consumer: 0);
        Step("single", Crash.Step.Delivered, ids[1], 1, 11, consumer: 0);
        Step("single", Crash.Step.Left, ids[0], 1, 12, consumer: 0);
        Step("single", Crash.Step.Left, ids[1], 1, 12, consumer: 0);
        Taken("single", Crash.Step.Redelivered, ids[0], 1, 20, consumer: 1);
        Taken("single", Crash.Step.Delivered, ids[2], 1, 21, consumer: 1);
        Taken("single", Crash.Step.Redelivered, ids[1], 1, 22, consumer: 1);
        Taken("single", Crash.Step.Delivered, ids[3], 1, 23, consumer: 0);

        Finds($"single: {ids[2]}, Delivered in life 1 at 0.021 s: it came before {ids[1]}, which the consumer before had left behind");
    }

    [Fact]
    public void Consumers_of_which_one_is_active_see_one_order()
    {
        var (first, second) = (Published(1, 0, ToSingle), Published(1, 0, ToSingle));
        Taken("single", Crash.Step.Delivered, second, 1, 10, consumer: 0);
        Taken("single", Crash.Step.Delivered, first, 1, 20, consumer: 1);

        Finds($"single: {first}, Delivered in life 1 at 0.020 s: it came to consumer 1 after {second}");
    }

    [Theory]
    [InlineData(Crash.Step.Delivered)]
    [InlineData(Crash.Step.Redelivered)]
    public void Messages_of_a_publisher_come_in_its_order(Step step)
    {
        var (first, second) = (Published(1, 0), Published(1, 0));
        Killed(1);
        Taken("q", step, second, 2, 10);
        Taken("q", step, first, 2, 20);

        Finds($"q: {first}, {step} in life 2 at 0.020 s: it came to consumer 0 after {second}");
    }

    [Fact]
    public void Nothing_older_comes_as_new_in_a_later_life()
    {
        var (first, second) = (Published(1, 0), Published(1, 0));
        Taken("q", Crash.Step.Delivered, second, 1, 10);
        Killed(1);
        Taken("q", Crash.Step.Delivered, first, 2, 20);

        Finds($"q: {first}, Delivered in life 2 at 0.020 s: it came as new, after {second} had come as new in an earlier life");
    }

    [Fact]
    public void Two_consumers_may_see_their_shares_in_any_order_between_them()
    {
        var (first, second) = (Published(1, 0), Published(1, 0));
        Taken("q", Crash.Step.Delivered, second, 1, 10, consumer: 1);
        Taken("q", Crash.Step.Delivered, first, 1, 20, consumer: 0);

        Finds();
    }

    [Fact]
    public void What_a_late_client_notes_of_a_dead_server_belongs_to_that_life()
    {
        var message = Published(1, 0);
        Killed(1);
        Taken("q", Crash.Step.Redelivered, message, 2, 100);
        Step("q", Crash.Step.Delivered, message, 1, 120, consumer: 1);

        Finds();
    }

    [Fact]
    public void A_message_that_nobody_published_or_that_went_elsewhere_is_found()
    {
        var message = Published(1, 0);
        Taken("q", Crash.Step.Delivered, message, 1, 10);
        Taken("r", Crash.Step.Delivered, message, 1, 10);
        Taken("q", Crash.Step.Delivered, new MessageId(0, 7), 1, 20);

        Assert.Collection(
            Checker.Violations(_history, Topology),
            v => Assert.Equal("q: 0:7, Delivered in life 1 at 0.020 s: nobody has published it", v),
            v => Assert.StartsWith($"r: {message}, Delivered in life 1 at 0.010 s: it was published to ", v, StringComparison.Ordinal));
    }

    [Fact]
    public void Surprises_of_clients_are_violations()
    {
        _history.Surprise("another body");

        Finds("another body");
    }

    private MessageId Published(int life, int at, int route = ToQ) => Publish(life, at, route);

    private MessageId Publish(int life, int at, int route = ToQ, bool persistent = true, bool? confirmed = true)
    {
        var id = new MessageId(0, _numbers[0] = _numbers.GetValueOrDefault(0, -1) + 1);
        _history.Publish(id, route, persistent, life, TimeSpan.FromMilliseconds(at)).Confirmed = confirmed;
        return id;
    }

    private void Step(string queue, Step step, MessageId id, int life, int at, int consumer = 0) =>
        _history.Note(queue, step, id, consumer, life, TimeSpan.FromMilliseconds(at));

    private void Taken(string queue, Step step, MessageId id, int life, int at, int consumer = 0)
    {
        Step(queue, step, id, life, at, consumer);
        Step(queue, Crash.Step.Acked, id, life, at, consumer);
    }

    private void Killed(int life) => _history.LifeEnded(life, LifeEnd.Killed);

    private void Finds(params string[] expected) => Assert.Equal(expected, Checker.Violations(_history, Topology));
}
