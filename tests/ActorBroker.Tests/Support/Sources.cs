using System.Runtime.CompilerServices;

namespace ActorBroker.Tests.Support;

/// <summary>The source tree, for tests that read it.</summary>
internal static class Sources
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>All files of the product with that ending, without what builds leave behind.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !Relative(f).Split('/').Any(part => part is "bin" or "obj"));

    /// <summary>The path from the root, with slashes.</summary>
    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string Find([CallerFilePath] string here = "")
    {
        foreach (var start in new[] { here, AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = start; !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
            {
                if (File.Exists(Path.Combine(folder, "ActorBroker.sln")))
                {
                    return folder;
                }
            }
        }

        throw new DirectoryNotFoundException($"no ActorBroker.sln above {here}, {AppContext.BaseDirectory} or {Environment.CurrentDirectory}");
    }
}
