using System.Reflection;
using System.Reflection.Emit;

namespace ActorBroker.Tests.Architecture;

/// <summary>
/// Which types of an assembly use which others of it, as it was compiled: base types, interfaces, fields, signatures, and what method bodies
/// name. Constants are not seen, as the compiler writes their value.
/// </summary>
internal static class TypeUses
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!)
        .ToDictionary(o => o.Value, o => o.OperandType);

    /// <summary>Pairs of outermost types; what the compiler has made inside a type counts as that type.</summary>
    public static IReadOnlySet<(Type User, Type Used)> Of(Assembly assembly)
    {
        var uses = new HashSet<(Type, Type)>();
        foreach (var type in assembly.GetTypes())
        {
            foreach (var used in Used(type).OfType<Type>().SelectMany(Parts).Where(t => t.Assembly == assembly))
            {
                uses.Add((Outermost(type), Outermost(used)));
            }
        }

        uses.RemoveWhere(u => u.Item1 == u.Item2);
        return uses;
    }

    private static IEnumerable<Type?> Used(Type type) =>
    [
        type.BaseType, .. type.GetInterfaces(), .. Constraints(type.GetGenericArguments()),
        .. type.GetFields(All).Select(f => f.FieldType),
        .. type.GetConstructors(All).SelectMany(Used),
        .. type.GetMethods(All).SelectMany(m => (IEnumerable<Type?>)[m.ReturnType, .. Constraints(m.GetGenericArguments()), .. Used(m)]),
    ];

    private static IEnumerable<Type?> Used(MethodBase method)
    {
        var body = method.GetMethodBody();
        return
        [
            .. method.GetParameters().Select(p => p.ParameterType),
            .. body?.LocalVariables.Select(l => l.LocalType) ?? [],
            .. body?.ExceptionHandlingClauses.Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause).Select(c => c.CatchType) ?? [],
            .. Tokens(body?.GetILAsByteArray() ?? []).SelectMany(token => Named(method, token)),
        ];
    }

    private static IEnumerable<Type> Constraints(Type[] arguments) => arguments.Where(a => a.IsGenericParameter).SelectMany(a => a.GetGenericParameterConstraints());

    private static IEnumerable<Type?> Named(MethodBase method, int token)
    {
        var typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var member = method.Module.ResolveMember(token, typeArguments, method.IsGenericMethod ? method.GetGenericArguments() : null);
        return member switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType, field.FieldType],
            MethodInfo called => [called.DeclaringType, called.ReturnType, .. called.GetGenericArguments(), .. called.GetParameters().Select(p => p.ParameterType)],
            MethodBase made => [made.DeclaringType, .. made.GetParameters().Select(p => p.ParameterType)],
            _ => [],
        };
    }

    /// <summary>Tokens of types, fields and methods, in the order of a method's instructions.</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            value = value == 0xFE ? (short)((value << 8) | code[at++]) : value;
            var operand = Operands[value];
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericType: true } => [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Parts)],
        _ => [type],
    };

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
    }
}
