using System.Reflection;
using ActorBroker.Amqp.Methods;
using ActorBroker.Amqp.Types;
using CsCheck;

namespace ActorBroker.Amqp.Tests.Methods;

/// <summary>One of the 66 methods by reflection, so that a test can go through all of them.</summary>
internal abstract class AnyMethod
{
    public static readonly IReadOnlyList<AnyMethod> All = typeof(IAmqpMethod).Assembly.GetExportedTypes()
        .Where(t => t.IsValueType && typeof(IAmqpMethod).IsAssignableFrom(t))
        .Select(t => t == typeof(BasicPublish) ? typeof(Publish) : t)
        .Select(t => (AnyMethod)Activator.CreateInstance(typeof(Of<>).MakeGenericType(t))!)
        .ToList();

    public abstract Type Type { get; }

    public abstract uint MethodId { get; }

    /// <summary>For example BasicPublish.</summary>
    public string Name => Type == typeof(Publish) ? nameof(BasicPublish) : Type.Name;

    public uint Id => (uint)Type.GetField("Id")!.GetRawConstantValue()!;

    /// <summary>The arguments in their order on the wire; empty when there are none.</summary>
    public ParameterInfo[] Arguments =>
        Type.GetConstructors().Select(c => c.GetParameters()).SingleOrDefault(p => p.Length > 0) ?? [];

    /// <summary>Random values for <see cref="Arguments"/>.</summary>
    public Gen<object[]> Values => Arguments.Aggregate(
        Gen.Const(Array.Empty<object>()),
        (all, next) => Gen.Select(all, ValueOf(next), (head, tail) => (object[])[.. head, tail]));

    public object Create(object[] values) => Activator.CreateInstance(Type, values)!;

    public abstract byte[] Write(object method);

    /// <returns>The method and how many bytes it left.</returns>
    public abstract (object Method, int Left) Read(ReadOnlySpan<byte> arguments);

    public override string ToString() => Name;

    private static Gen<object> ValueOf(ParameterInfo argument) => argument.ParameterType switch
    {
        var t when t == typeof(bool) => Gen.Bool.Select(v => (object)v),
        var t when t == typeof(byte) => Gen.Byte.Select(v => (object)v),
        var t when t == typeof(ushort) => Gen.UShort.Select(v => (object)v),
        var t when t == typeof(uint) => Gen.UInt.Select(v => (object)v),
        var t when t == typeof(ulong) => Gen.ULong.Select(v => (object)v),
        var t when t == typeof(ReplyCode) => Gen.UShort.Select(v => (object)(ReplyCode)v),
        var t when t == typeof(string) => Gens.Text.Select(v => (object)v),
        var t when t == typeof(LongString) => Gen.Byte.Array[0, 300].Select(v => (object)new LongString(v)),
        var t when t == typeof(FieldTable) => Gens.Table.Select(v => (object)v),
        var t => throw new NotSupportedException($"no random {t.Name} yet"),
    };

    private sealed class Of<T> : AnyMethod
        where T : struct, IAmqpMethod<T>
    {
        public override Type Type => typeof(T);

        public override uint MethodId => T.MethodId;

        public override byte[] Write(object method) => Bytes.Of(((T)method).Write);

        public override (object Method, int Left) Read(ReadOnlySpan<byte> arguments)
        {
            var reader = new AmqpReader(arguments);
            return (T.Read(ref reader), reader.Remaining);
        }
    }
}
