using ActorBroker.Amqp.Types;

namespace ActorBroker.Tests.Support;

/// <summary>Field tables in one line.</summary>
internal static class Tables
{
    public static FieldTable Of(params (string Name, object? Value)[] fields) =>
        fields.Length == 0 ? FieldTable.Empty : new FieldTable(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
}
