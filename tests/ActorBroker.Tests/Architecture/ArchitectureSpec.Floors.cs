using System.Text.RegularExpressions;
using ActorBroker.Tests.Support;

namespace ActorBroker.Tests.Architecture;

/// <content>
/// The floors of the project ActorBroker, as ARCHITECTURE.md draws them. Looked for in the compiled assembly, method bodies too, and in using
/// directives, since a constant leaves no trace in what is compiled.
/// </content>
public sealed partial class ArchitectureSpec
{
    /// <summary>
    /// Lowest first. A type may use its own namespace and those on lower floors, never a neighbour. Types of the root namespace stand on the
    /// highest floor, but for those that are named lower: they are public, and so cannot have a namespace of their own.
    /// </summary>
    private static readonly string[][] Floors =
    [
        ["Configuration", "Diagnostics", "Scheduling", "PublisherAlarms"],
        ["Stores", "Addresses"],
        ["Journal", "Publishing", "Consumers"],
        ["Queues", "Exchanges"],
        ["QueueGroups", "VirtualHosts"],
        ["Topology", "Checks", "IBroker"],
        ["Client"],
        ["Broker"],
    ];

    /// <summary>Types of the root namespace that stand lower, by what stands for them above.</summary>
    private static readonly Dictionary<string, string[]> Lower = new()
    {
        ["PublisherAlarms"] = ["PublisherAlarm", "PublisherAlarms"],
        ["IBroker"] =
        [
            "ConsumerEnded", "ConsumerOptions", "Delivery", "ExchangeOptions", "IBroker", "IBrokerSession", "IConsumer", "IDeliveryHolder",
            "PublishRefusedException", "PublishResult", "QueueInfo", "QueueOptions",
        ],
    };

    [Fact]
    public void A_type_uses_its_own_namespace_and_lower_floors_only()
    {
        var broken = TypeUses.Of(typeof(Broker).Assembly)
            .Where(u => IsOurs(u.User) && IsOurs(u.Used))
            .Where(u => !Sees(PlaceOf(u.User.Namespace!, u.User.Name), PlaceOf(u.Used.Namespace!, u.Used.Name)))
            .Select(u => $"{u.User.FullName} uses {u.Used.FullName}")
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(broken.Count == 0, string.Join('\n', broken));

        static bool IsOurs(Type type) => type.Namespace?.Split('.')[0] == "ActorBroker"; // the compiler has some of its own
    }

    [Fact]
    public void A_file_is_open_to_lower_floors_only()
    {
        var broken =
            from file in Sources.Files("src/ActorBroker", "*.cs")
            let user = PlaceOf(Path.GetDirectoryName(Sources.Relative(file))!["src/".Length..].Replace('/', '.'), Path.GetFileNameWithoutExtension(file))
            from line in File.ReadLines(file)
            let used = Regex.Match(line, @"^using (ActorBroker\.\w+);").Groups[1].Value
            where used.Length > 0 && Floors.Any(f => f.Contains(used["ActorBroker.".Length..])) && !Sees(user, PlaceOf(used, ""))
            select $"{Sources.Relative(file)}: {line}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_namespace_has_its_floor()
    {
        var namespaces = typeof(Broker).Assembly.GetTypes().Select(t => t.Namespace ?? "").Where(n => n.StartsWith("ActorBroker.", StringComparison.Ordinal));
        Assert.Equal(
            Floors.SelectMany(f => f).Where(n => n != "Broker" && !Lower.ContainsKey(n)).Order(StringComparer.Ordinal),
            namespaces.Select(n => n["ActorBroker.".Length..]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(Lower.Values.SelectMany(n => n), n => Assert.NotNull(typeof(Broker).Assembly.GetType($"ActorBroker.{n}")));
    }

    [Fact]
    public void The_picture_shows_the_floors()
    {
        var picture = File.ReadLines(Path.Combine(Sources.Root, "src/ARCHITECTURE.md"))
            .Select(l => Regex.Match(l, @"^ (\d) │ (.+?) +│ "))
            .Where(m => m.Success)
            .OrderBy(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))
            .Select(m => m.Groups[2].Value);
        Assert.Equal(Floors.Select(f => string.Join(" · ", f)), picture);
    }

    private static bool Sees((int Floor, string Name) user, (int Floor, string Name) used) => used.Floor < user.Floor || used == user;

    private static (int Floor, string Name) PlaceOf(string space, string type)
    {
        type = type.Split('`', '.')[0];
        var name = space == "ActorBroker"
            ? Lower.FirstOrDefault(l => l.Value.Contains(type)).Key ?? "Broker"
            : space["ActorBroker.".Length..];
        return (Array.FindIndex(Floors, f => f.Contains(name)), name);
    }
}
