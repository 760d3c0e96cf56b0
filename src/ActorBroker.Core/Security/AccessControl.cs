using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Topology;

namespace ActorBroker.Core.Security;

/// <summary>
/// Which rights each AMQP method needs: the guard of one user in one virtual host. Any thread may ask.
/// </summary>
/// <remarks>
/// Every method here throws <see cref="ChannelException"/>: 403 when a right is missing, 406 when an argument that names an exchange is
/// no name, or a message claims another user. Passive declarations, acknowledgements and everything about a consumer that exists need none.
/// </remarks>
internal sealed class AccessControl
{
    private const string DefaultExchangeName = "amq.default";

    private readonly string _virtualHost;
    private readonly string _user;
    private readonly Func<User?>? _current;
    private volatile Known _known;

    /// <summary>Opens a virtual host to a user.</summary>
    /// <param name="user">Who wants to enter.</param>
    /// <param name="virtualHost">Where.</param>
    /// <param name="current">
    /// The user as it is now, null when it is gone: permissions may change while it is in. Without it they stay as they are.
    /// </param>
    /// <exception cref="ConnectionException">530: the user has no permissions there.</exception>
    public AccessControl(User user, string virtualHost, Func<User?>? current = null)
    {
        _virtualHost = virtualHost;
        _user = user.Name;
        _current = current;
        _known = user.Permissions.TryGetValue(virtualHost, out var permissions)
            ? new Known(user, permissions, user.TopicsIn(virtualHost))
            : throw AccessErrors.VirtualHostRefused(virtualHost, user.Name);
    }

    /// <summary>exchange.declare (40, 10), not passive: configure.</summary>
    public void CheckExchangeDeclare(string exchange) => RequireExchange(AccessRight.Configure, exchange);

    /// <summary>An exchange comes into being: with an alternate exchange read, and write on that. One that is there needs neither.</summary>
    /// <param name="exchange">Name of the exchange.</param>
    /// <param name="arguments">The arguments of the declaration.</param>
    public void CheckExchangeArguments(string exchange, FieldTable arguments)
    {
        if (NameArguments.Read(arguments, "alternate-exchange"u8, TopologyErrors.Exchange(_virtualHost, exchange)) is { } alternate)
        {
            RequireExchange(AccessRight.Read, exchange);
            RequireExchange(AccessRight.Write, alternate);
        }
    }

    /// <summary>exchange.delete (40, 20): configure.</summary>
    public void CheckExchangeDelete(string exchange) => RequireExchange(AccessRight.Configure, exchange);

    /// <summary>
    /// exchange.bind (40, 30) and exchange.unbind (40, 40): write on the destination, read on the source.
    /// </summary>
    public void CheckExchangeBind(string destination, string source)
    {
        RequireExchange(AccessRight.Write, destination);
        RequireExchange(AccessRight.Read, source);
    }

    /// <summary>queue.declare (50, 10), not passive: configure.</summary>
    /// <param name="queue">Name of the queue, the one the broker made if the client left it empty.</param>
    public void CheckQueueDeclare(string queue) => RequireQueue(AccessRight.Configure, queue);

    /// <summary>A queue comes into being: to dead-letter read, and write on that exchange. One that is there needs neither.</summary>
    /// <param name="queue">Name of the queue, the one the broker made if the client left it empty.</param>
    /// <param name="arguments">The arguments of the declaration.</param>
    public void CheckQueueArguments(string queue, FieldTable arguments)
    {
        if (NameArguments.Read(arguments, "x-dead-letter-exchange"u8, TopologyErrors.Queue(_virtualHost, queue)) is { } deadLetterExchange)
        {
            RequireQueue(AccessRight.Read, queue);
            RequireExchange(AccessRight.Write, deadLetterExchange);
        }
    }

    /// <summary>queue.delete (50, 40): configure.</summary>
    public void CheckQueueDelete(string queue) => RequireQueue(AccessRight.Configure, queue);

    /// <summary>queue.bind (50, 20) and queue.unbind (50, 50): write on the queue, read on the exchange.</summary>
    public void CheckQueueBind(string queue, string exchange)
    {
        RequireQueue(AccessRight.Write, queue);
        RequireExchange(AccessRight.Read, exchange);
    }

    /// <summary>basic.consume (60, 20), basic.get (60, 70) and queue.purge (50, 30): read.</summary>
    public void CheckQueueRead(string queue) => RequireQueue(AccessRight.Read, queue);

    /// <summary>basic.publish (60, 40): write.</summary>
    public void CheckPublish(string exchange) => RequireExchange(AccessRight.Write, exchange);

    /// <summary>
    /// What the user may do with the topics of a topic exchange, besides its rights on the exchange; null for everything. Asked for again when
    /// rights have changed.
    /// </summary>
    public TopicPermissions? TopicsOf(string exchange) => Current().Topics?.GetValueOrDefault(exchange);

    /// <summary>queue.bind, exchange.bind and their counterparts, at a topic exchange: read on the topic.</summary>
    /// <param name="exchange">Name of the exchange they start at.</param>
    /// <param name="bindingKey">The binding key.</param>
    public void CheckTopicBind(string exchange, string bindingKey)
    {
        if (TopicsOf(exchange) is { } topics)
        {
            CheckTopic(topics, AccessRight.Read, exchange, Encoding.UTF8.GetBytes(bindingKey));
        }
    }

    /// <summary>basic.publish (60, 40) to a topic exchange: write on the topic.</summary>
    /// <param name="topics">What <see cref="TopicsOf"/> said of the exchange.</param>
    /// <param name="exchange">Its name.</param>
    /// <param name="routingKey">A routing key of the message; CC and BCC have further ones.</param>
    public void CheckTopicPublish(TopicPermissions topics, string exchange, ReadOnlySpan<byte> routingKey) =>
        CheckTopic(topics, AccessRight.Write, exchange, routingKey);

    /// <summary>user-id of a message: the name of who is logged in, unless its user may impersonate.</summary>
    /// <param name="claimed">The property.</param>
    public void CheckUserId(ReadOnlySpan<byte> claimed)
    {
        var name = Encoding.UTF8.GetString(claimed);
        if ((name != _user || !Utf8.IsValid(claimed)) && Current().User?.Tags.Contains("impersonator") != true)
        {
            throw new ChannelException(
                ReplyCode.PreconditionFailed, $"user_id property set to '{name}' but authenticated user was '{_user}'", BasicPublish.Id);
        }
    }

    private void CheckTopic(TopicPermissions topics, AccessRight right, string exchange, ReadOnlySpan<byte> key)
    {
        if (!topics.Allows(right, key))
        {
            throw AccessErrors.TopicRefused(_virtualHost, exchange, Encoding.UTF8.GetString(key), _user);
        }
    }

    private void RequireQueue(AccessRight right, string name)
    {
        if (!Current().Permissions.Allows(right, name))
        {
            throw AccessErrors.QueueRefused(_virtualHost, name, _user);
        }
    }

    private void RequireExchange(AccessRight right, string name)
    {
        var asked = name.Length == 0 ? DefaultExchangeName : name;
        if (!Current().Permissions.Allows(right, asked))
        {
            throw AccessErrors.ExchangeRefused(_virtualHost, asked, _user);
        }
    }

    private Known Current()
    {
        var known = _known;
        if (_current is not null && _current() is var user && !ReferenceEquals(user, known.User))
        {
            var permissions = user?.Permissions.GetValueOrDefault(_virtualHost) ?? Permissions.None;
            _known = known = new Known(user, permissions, user?.TopicsIn(_virtualHost)); // users never change: another form of one is another object
        }

        return known;
    }

    private sealed record Known(User? User, Permissions Permissions, IReadOnlyDictionary<string, TopicPermissions>? Topics);
}
