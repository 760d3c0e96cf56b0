using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Topology;

/// <summary>The fields of <see cref="TopologyCodec"/>'s events. All that is written here is durable, so that goes without saying.</summary>
internal static class TopologyRecords
{
    public static void Write(RecordWriter writer, ExchangeDefinition exchange)
    {
        writer.Text(exchange.VirtualHost);
        writer.Text(exchange.Name);
        writer.Text(exchange.Type.WireName);
        writer.Flag(exchange.AutoDelete);
        writer.Flag(exchange.Internal);
        writer.Bytes(exchange.Arguments.Encoded);
    }

    public static ExchangeDefinition ReadExchange(ref RecordReader reader)
    {
        var (host, name, typeName) = (reader.Text(), reader.Text(), reader.Text());
        return ExchangeTypes.TryParse(typeName, out var type)
            ? new ExchangeDefinition(host, name, type, Durable: true, reader.Flag(), reader.Flag(), ReadTable(ref reader))
            : throw new TopologyFormatException($"exchange '{name}' in vhost '{host}' has type '{typeName}', which this broker does not know");
    }

    public static void Write(RecordWriter writer, QueueDefinition queue)
    {
        writer.Text(queue.VirtualHost);
        writer.Text(queue.Name);
        writer.Number(queue.Uid);
        writer.Flag(queue.AutoDelete);
        writer.Bytes(queue.Arguments.Table.Encoded);
    }

    public static QueueDefinition ReadQueue(ref RecordReader reader)
    {
        var (host, name, uid, autoDelete) = (reader.Text(), reader.Text(), reader.Number(), reader.Flag());
        var table = ReadTable(ref reader);
        try
        {
            var arguments = QueueArguments.Restore(table, name, host);
            return new QueueDefinition(host, name, uid, Durable: true, autoDelete, ExclusiveOwner: null, arguments);
        }
        catch (ChannelException refused)
        {
            throw new TopologyFormatException($"queue '{name}' in vhost '{host}' was declared as this broker does not allow: {refused.Text}", refused);
        }
    }

    public static void Write(RecordWriter writer, BindingDefinition binding)
    {
        writer.Text(binding.VirtualHost);
        writer.Text(binding.Source);
        writer.Flag(binding.Kind == DestinationKind.Exchange);
        writer.Text(binding.Destination);
        writer.Text(binding.BindingKey);
        writer.Bytes(binding.Arguments.Encoded);
    }

    public static BindingDefinition ReadBinding(ref RecordReader reader) => new(
        reader.Text(),
        reader.Text(),
        reader.Flag() ? DestinationKind.Exchange : DestinationKind.Queue,
        reader.Text(),
        reader.Text(),
        ReadTable(ref reader),
        Durable: true);

    public static void Write(RecordWriter writer, User user)
    {
        writer.Text(user.Name);
        writer.Text(user.Hash?.AlgorithmName ?? ""); // empty: nobody logs in by password
        writer.Bytes(Convert.FromBase64String(user.Hash?.Base64 ?? ""));
        writer.Number(user.Tags.Count);
        foreach (var tag in user.Tags.Order(StringComparer.Ordinal))
        {
            writer.Text(tag);
        }

        writer.Number(user.Permissions.Count);
        foreach (var (host, permissions) in user.Permissions.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            writer.Text(host);
            Write(writer, permissions);
        }
    }

    public static User ReadUser(ref RecordReader reader)
    {
        var (name, algorithm) = (reader.Text(), reader.Text());
        var hash = Convert.ToBase64String(reader.Bytes());
        var tags = new List<string>();
        for (var left = reader.Number(); left > 0; left--)
        {
            tags.Add(reader.Text());
        }

        var permissions = new Dictionary<string, Permissions>(StringComparer.Ordinal);
        for (var left = reader.Number(); left > 0; left--)
        {
            permissions[reader.Text()] = ReadPermissions(ref reader);
        }

        try
        {
            return new User(name, algorithm.Length == 0 ? null : PasswordHash.Parse(hash, algorithm), tags, permissions);
        }
        catch (FormatException e)
        {
            throw new TopologyFormatException($"user '{name}' has a password that cannot be read: {e.Message}", e);
        }
    }

    public static void Write(RecordWriter writer, Permissions permissions)
    {
        writer.Text(permissions.Configure);
        writer.Text(permissions.Write);
        writer.Text(permissions.Read);
    }

    public static Permissions ReadPermissions(ref RecordReader reader) =>
        Permissions.FromStore(reader.Text(), reader.Text(), reader.Text());

    private static FieldTable ReadTable(ref RecordReader reader)
    {
        try
        {
            return FieldTable.FromBytes(reader.Bytes());
        }
        catch (ConnectionException e)
        {
            throw new TopologyFormatException($"a record of the topology is damaged: {e.Text}", e);
        }
    }
}
