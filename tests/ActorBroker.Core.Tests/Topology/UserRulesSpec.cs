using ActorBroker.Core.Security;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Tests.Topology;

/// <summary>Users by command, beside those of the configuration.</summary>
public sealed class UserRulesSpec
{
    private static readonly byte[] Salt = [1, 2, 3, 4];
    private readonly TopologyState _state = new(configured: new ConfiguredTopology(
        ["/"], [User.WithPlainPassword("guest", "guest", ["administrator"], new Dictionary<string, Permissions> { ["/"] = Permissions.All })]));

    public UserRulesSpec() => Do(_state.DecideVirtualHostAdd("/"));

    [Fact]
    public void A_user_is_created_changed_and_removed()
    {
        Put("alice", "secret", ["a"], UserPutMode.Create);
        Assert.True(_state.FindUser("alice")!.HasPassword("secret"));
        Refused(RefusalReason.Exists, "user 'alice' is there already", () => Put("alice", "x", [], UserPutMode.Create));
        Permit("alice", "^a", "", ".*");

        Put("alice", "new", null, UserPutMode.Change);
        var changed = _state.FindUser("alice")!;
        Assert.True(changed.HasPassword("new") && !changed.HasPassword("secret"));
        Assert.Equal(["a"], changed.Tags);
        Assert.Equal("^a", changed.Permissions["/"].Configure);

        Put("alice", null, ["b"], UserPutMode.Change);
        Assert.True(_state.FindUser("alice")!.HasPassword("new"));
        Assert.Equal(["b"], _state.FindUser("alice")!.Tags);

        Do(_state.DecideUserRemove("alice"));
        Assert.Null(_state.FindUser("alice"));
        Refused(RefusalReason.NotFound, "there is no user 'alice'", () => _state.DecideUserRemove("alice"));
        Refused(RefusalReason.NotFound, "there is no user 'alice'", () => Put("alice", "x", null, UserPutMode.Change));
    }

    [Fact]
    public void What_changes_nothing_is_no_event()
    {
        Put("alice", "secret", ["a", "b"], UserPutMode.Create);
        Permit("alice", "a", "b", "c");
        Assert.Empty(_state.DecideUserPut("alice", null, ["b", "a"], UserPutMode.Change, Salt));
        Assert.Empty(_state.DecidePermissionsSet("alice", "/", "a", "b", "c", Salt));
        Assert.Empty(_state.DecidePermissionsClear("guest", "/", Salt).OfType<TopologyEvents.UserRemoved>());
        Do(_state.DecidePermissionsClear("alice", "/", Salt));
        Assert.Empty(_state.DecidePermissionsClear("alice", "/", Salt));
    }

    [Fact]
    public void A_configured_user_is_written_down_with_its_first_change_and_not_before()
    {
        Assert.DoesNotContain(_state.JournaledFacts(), f => f is TopologyEvents.UserPut);
        Permit("guest", "x", "y", "z");
        var written = Assert.Single(_state.JournaledFacts().OfType<TopologyEvents.UserPut>()).User;
        Assert.True(written.HasPassword("guest"));
        Assert.NotNull(written.Hash);
        Assert.Equal(["administrator"], written.Tags);
        Assert.Equal("x", written.Permissions["/"].Configure);
        Put("guest", "better", null, UserPutMode.Change);
        Assert.False(_state.FindUser("guest")!.HasPassword("guest"));
        Assert.Equal("x", _state.FindUser("guest")!.Permissions["/"].Configure);
    }

    [Fact]
    public void What_stands_in_the_configuration_is_removed_there()
    {
        Refused(
            RefusalReason.Configured,
            "user 'guest' stands in the configuration: set actor-broker.users.guest.enabled = off, and start anew first",
            () => _state.DecideUserRemove("guest"));
        Refused(
            RefusalReason.Configured,
            "vhost '/' stands in the configuration (actor-broker.vhosts): take it out there and start anew first",
            () => _state.DecideVirtualHostRemove("/"));
    }

    [Fact]
    public void Permissions_need_a_user_a_vhost_and_three_regular_expressions()
    {
        Put("alice", "secret", null, UserPutMode.Create);
        Refused(RefusalReason.NotFound, "there is no user 'bob'", () => Permit("bob", "", "", ""));
        Refused(RefusalReason.NotFound, "there is no vhost 'no'", () => _state.DecidePermissionsSet("alice", "no", "", "", "", Salt));
        Refused(RefusalReason.NotFound, "there is no vhost 'no'", () => _state.DecidePermissionsClear("alice", "no", Salt));
        var bad = Assert.Throws<RefusedException>(() => Permit("alice", "(", "", ""));
        Assert.StartsWith("permissions must be regular expressions: ", bad.Message);
        Assert.Empty(_state.FindUser("alice")!.Permissions);
    }

    [Fact]
    public void With_a_virtual_host_its_permissions_go_also_at_a_restart()
    {
        Do(_state.DecideVirtualHostAdd("v"));
        Put("alice", "secret", null, UserPutMode.Create);
        Do(_state.DecidePermissionsSet("alice", "v", ".*", ".*", ".*", Salt));
        var removal = _state.DecideVirtualHostRemove("v");
        Assert.Equal([new TopologyEvents.VirtualHostRemoved("v")], removal.Where(e => e.Journaled));
        Do(removal);
        Do(_state.DecideVirtualHostAdd("v"));
        Assert.Empty(_state.FindUser("alice")!.Permissions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    public void Names_that_cannot_be_told_from_others_are_refused(string name)
    {
        Assert.Equal(RefusalReason.Invalid, Assert.Throws<RefusedException>(() => Put(name, "x", null, UserPutMode.Create)).Reason);
        Assert.Equal(RefusalReason.Invalid, Assert.Throws<RefusedException>(() => _state.DecideVirtualHostAdd(name)).Reason);
        Assert.Equal(RefusalReason.Invalid, Assert.Throws<RefusedException>(() => Put("u", "x", [name], UserPutMode.Create)).Reason);
        Assert.Equal(RefusalReason.Invalid, Assert.Throws<RefusedException>(() => _state.DecideVirtualHostAdd(new string('é', 128))).Reason);
    }

    [Fact]
    public void Topics_are_limited_by_exchange_and_not_at_all_without_a_limit()
    {
        Put("alice", "secret", null, UserPutMode.Create);
        Assert.Null(_state.FindUser("alice")!.TopicsIn("/"));
        Topics("alice", "t", "^a", "^b");
        Topics("alice", "t2", "", "");
        Assert.Empty(_state.DecideTopicPermissionsSet("alice", "/", "t", "^a", "^b", Salt));
        Assert.Equal(["t", "t2"], _state.FindUser("alice")!.TopicPermissions.Select(t => t.Exchange));
        Put("alice", "other", ["x"], UserPutMode.Change);
        Permit("alice", "a", "b", "c");
        Assert.Equal("^a", _state.FindUser("alice")!.TopicsIn("/")!["t"].Write);

        Do(_state.DecideTopicPermissionsClear("alice", "/", "t2", Salt));
        Assert.Empty(_state.DecideTopicPermissionsClear("alice", "/", "t2", Salt));
        Assert.Equal(["t"], _state.FindUser("alice")!.TopicPermissions.Select(t => t.Exchange));
        Do(_state.DecideTopicPermissionsClear("alice", "/", null, Salt));
        Assert.Empty(_state.FindUser("alice")!.TopicPermissions);
        Assert.Empty(_state.DecideTopicPermissionsClear("alice", "/", null, Salt));
    }

    [Fact]
    public void Topics_need_a_user_a_vhost_an_exchange_and_two_regular_expressions()
    {
        Refused(RefusalReason.NotFound, "there is no user 'bob'", () => Topics("bob", "t", "", ""));
        Refused(RefusalReason.NotFound, "there is no vhost 'no'", () => _state.DecideTopicPermissionsSet("guest", "no", "t", "", "", Salt));
        Assert.Equal(RefusalReason.Invalid, Assert.Throws<RefusedException>(() => Topics("guest", "", "", "")).Reason);
        Assert.StartsWith("permissions must be regular expressions: ", Assert.Throws<RefusedException>(() => Topics("guest", "t", "(", "")).Message);
        Assert.Contains("backtracking", Assert.Throws<RefusedException>(() => Topics("guest", "t", "", "^(?!a)")).Message);
    }

    [Fact]
    public void With_a_virtual_host_or_a_user_its_topics_go()
    {
        Do(_state.DecideVirtualHostAdd("v"));
        Put("alice", "secret", null, UserPutMode.Create);
        Do(_state.DecideTopicPermissionsSet("alice", "v", "t", "a", "b", Salt));
        Topics("alice", "t", "a", "b");
        Do(_state.DecideVirtualHostRemove("v"));
        Assert.Equal(["/"], _state.FindUser("alice")!.TopicPermissions.Select(t => t.VirtualHost));
        Do(_state.DecideUserRemove("alice"));
        Put("alice", "secret", null, UserPutMode.Create);
        Assert.Empty(_state.FindUser("alice")!.TopicPermissions);
    }

    [Fact]
    public void Configured_topics_are_written_down_with_the_user_and_a_log_leads_to_the_same_under_another_configuration()
    {
        var configured = User.WithPlainPassword("guest", "guest").WithTopics("/", "t", new TopicPermissions("guest", "/", "^a", ""));
        var state = new TopologyState(configured: new ConfiguredTopology(["/"], [configured]));
        var log = new List<ITopologyEvent>();
        Commit(state.DecideVirtualHostAdd("/"));
        Commit(state.DecideUserPut("guest", PasswordHash.Create("new", Salt), null, UserPutMode.Change, Salt));
        Assert.Equal("^a", state.FindUser("guest")!.TopicsIn("/")!["t"].Write);
        Commit(state.DecideTopicPermissionsSet("guest", "/", "u", "", "", Salt));

        foreach (var facts in new[] { log, [.. state.JournaledFacts()] })
        {
            var later = new TopologyState(configured: new ConfiguredTopology(
                ["/"], [configured.WithTopics("/", "t", null).WithTopics("/", "only now", new TopicPermissions("guest", "/", "x", ""))]));
            foreach (var fact in facts)
            {
                later.Apply(TopologyCodec.Decode(TopologyCodec.Encode(fact)));
            }

            Assert.Equal(["t", "u"], later.FindUser("guest")!.TopicPermissions.Select(t => t.Exchange));
            Assert.Equal("^a", later.FindUser("guest")!.TopicsIn("/")!["t"].Write);
        }

        void Commit(IReadOnlyList<ITopologyEvent> events)
        {
            foreach (var e in events)
            {
                state.Apply(e);
            }

            log.AddRange(events.Where(e => e.Journaled));
        }
    }

    private void Topics(string user, string exchange, string write, string read) =>
        Do(_state.DecideTopicPermissionsSet(user, "/", exchange, write, read, Salt));

    private static void Refused(RefusalReason reason, string message, Action request)
    {
        var refusal = Assert.Throws<RefusedException>(request);
        Assert.Equal((reason, message), (refusal.Reason, refusal.Message));
    }

    private void Put(string name, string? password, string[]? tags, UserPutMode mode) =>
        Do(_state.DecideUserPut(name, password is null ? null : PasswordHash.Create(password, Salt), tags, mode, Salt));

    private void Permit(string user, string configure, string write, string read) =>
        Do(_state.DecidePermissionsSet(user, "/", configure, write, read, Salt));

    private void Do(IReadOnlyList<ITopologyEvent> events)
    {
        foreach (var e in events)
        {
            _state.Apply(e);
        }
    }
}
