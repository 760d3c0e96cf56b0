using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace ActorBroker.Configuration;

/// <summary>Finds what stands below <c>actor-broker</c> and is no setting: a misspelt limit would silently be none.</summary>
internal static class SettingNames
{
    /// <summary>
    /// What <c>reference.conf</c> does not say: where names are free (<c>*</c>), with what is below them, and what only the stand-alone server reads.
    /// </summary>
    private static readonly string[] More =
    [
        "more-vhosts.*",
        "users.*.enabled",
        "users.*.password",
        "users.*.password-hash",
        "users.*.hashing-algorithm",
        "users.*.loopback-only",
        "users.*.tags",
        "users.*.permissions.*.configure",
        "users.*.permissions.*.write",
        "users.*.permissions.*.read",
        "users.*.topic-permissions.*.*.write",
        "users.*.topic-permissions.*.*.read",
        "server.inline-socket-completions",
    ];

    /// <summary>What the broker itself puts below <c>store</c>, for Akka.</summary>
    private static readonly string[] StorePlugins = ["journal", "snapshots"];

    private static readonly Node Known = ReadKnown();

    /// <summary>Refuses what is no setting, in whatever layer it stands.</summary>
    /// <param name="root">The whole configuration.</param>
    /// <exception cref="ConfigurationException">Names each with the nearest setting.</exception>
    public static void Check(Config root)
    {
        var wrong = new List<string>();
        Check(root.GetValue(BrokerSettings.Path), Known, BrokerSettings.Path, wrong);
        if (wrong.Count > 0)
        {
            throw new ConfigurationException(string.Join("; ", wrong));
        }
    }

    private static void Check(HoconValue? value, Node known, string path, List<string> wrong)
    {
        foreach (var (name, child) in Children(value))
        {
            if ((known.Below.GetValueOrDefault(name) ?? known.Below.GetValueOrDefault("*")) is { } setting)
            {
                if (!setting.IsOpen)
                {
                    Check(child, setting, Join(path, name), wrong);
                }
            }
            else
            {
                wrong.Add($"{Join(path, name)} is not a setting; {Advice(known, name)}");
            }
        }
    }

    private static string Advice(Node known, string name)
    {
        var names = known.Below.Where(n => !n.Value.IsHidden).Select(n => n.Key).ToList();
        var nearest = Nearest(names, k => k, name);
        if (nearest is not null)
        {
            return $"did you mean {nearest}?";
        }

        var elsewhere = Nearest(Paths(Known, BrokerSettings.Path), p => p[(p.LastIndexOf('.') + 1)..], name);
        return elsewhere is not null
            ? $"did you mean {elsewhere}?"
            : names.Count > 0 ? $"it must be one of {string.Join(", ", names.Order(StringComparer.Ordinal))}" : "it has nothing below it";
    }

    /// <summary>The candidate with the fewest differences; null when all differ in more than a third.</summary>
    private static string? Nearest(IEnumerable<string> candidates, Func<string, string> nameOf, string name) => candidates
        .Where(c => c != "*")
        .Select(c => (Candidate: c, Differences: Differences(nameOf(c), name)))
        .Where(c => c.Differences <= Math.Max(1, name.Length / 3))
        .OrderBy(c => c.Differences)
        .ThenBy(c => c.Candidate, StringComparer.Ordinal)
        .Select(c => c.Candidate)
        .FirstOrDefault();

    /// <summary>How many letters must be changed, added, left out or swapped with their neighbour.</summary>
    private static int Differences(string left, string right)
    {
        if (left.Length > 100 || right.Length > 100)
        {
            return int.MaxValue;
        }

        var least = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                least[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(least[i - 1, j], least[i, j - 1]) + 1, least[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    least[i, j] = Math.Min(least[i, j], least[i - 2, j - 2] + 1);
                }
            }
        }

        return least[left.Length, right.Length];
    }

    private static IEnumerable<string> Paths(Node node, string path) =>
        node.Below.Where(n => n.Key != "*" && !n.Value.IsHidden).SelectMany(n => Paths(n.Value, $"{path}.{n.Key}").Prepend($"{path}.{n.Key}"));

    private static Node ReadKnown()
    {
        var known = new Node();
        Add(ActorBrokerReference.Config.GetValue(BrokerSettings.Path), known);
        known.Below["users"] = new Node(); // guest is one of many names
        known.Below["hot-dispatcher"].IsOpen = true; // Akka's own settings of a dispatcher
        foreach (var plugin in StorePlugins)
        {
            known.Below["store"].Below[plugin] = new Node { IsOpen = true, IsHidden = true };
        }

        foreach (var path in More)
        {
            var node = known;
            foreach (var name in path.Split('.'))
            {
                node = node.Below.TryGetValue(name, out var there) ? there : node.Below[name] = new Node();
            }
        }

        return known;
    }

    private static void Add(HoconValue? value, Node node)
    {
        foreach (var (name, child) in Children(value))
        {
            Add(child, node.Below[name] = new Node());
        }
    }

    private static string Join(string path, string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? $"{path}.{name}" : $"{path}.\"{name}\"";

    private static IEnumerable<(string Name, HoconValue Value)> Children(HoconValue? value) =>
        value is not null && value.IsObject() ? value.GetObject().Items.Select(i => (i.Key.Trim('"'), i.Value)) : [];

    private sealed class Node
    {
        public Dictionary<string, Node> Below { get; } = new(StringComparer.Ordinal);

        /// <summary>Anything may stand below it.</summary>
        public bool IsOpen { get; set; }

        /// <summary>Nobody else is to set it.</summary>
        public bool IsHidden { get; init; }
    }
}
