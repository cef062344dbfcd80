using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Fetcher.Tests;

/// <summary>The layers of Fetcher.Core: a file may use what stands above its own folder in the list, never what stands below.</summary>
public sealed partial class LayeringTests
{
    private static readonly string[] Layers = ["Interop", "Loop", "Net", "Http", "Saving", "Fetch", "Modes", "Client", "Timing", "Reports"];

    [Fact]
    public void Usings_point_only_upward()
    {
        var wrong = from file in CoreFiles()
                    let layer = LayerOf(file)
                    from Match use in UsingOfCore().Matches(File.ReadAllText(file))
                    let used = Array.IndexOf(Layers, use.Groups["layer"].Value)
                    where layer < used
                    select $"{Path.GetFileName(file)} in {(layer < 0 ? "the root" : Layers[layer])} uses {Layers[used]}";
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Libc_is_called_in_Interop_alone() =>
        CoreFiles().Where(file => LayerOf(file) != 0 && File.ReadAllText(file).Contains("LibraryImport", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void The_path_of_raw_sockets_uses_neither_Socket_nor_HttpClient() =>
        CoreFiles()
            .Where(file => !DotNetsOwnClient().IsMatch(Path.GetFileName(file)))
            .Where(file => HighLevelClients().IsMatch(File.ReadAllText(file)))
            .ShouldBeEmpty();

    [GeneratedRegex(@"^using (static )?Fetcher\.Core\.(?<layer>\w+)", RegexOptions.Multiline)]
    private static partial Regex UsingOfCore();

    [GeneratedRegex("^(HttpClient|Client)")]
    private static partial Regex DotNetsOwnClient();

    [GeneratedRegex(@"new (Socket|HttpClient|SocketsHttpHandler|NetworkStream|TcpClient)\(")]
    private static partial Regex HighLevelClients();

    private static IEnumerable<string> CoreFiles() =>
        Directory.EnumerateFiles(CoreFolder(), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(CoreFolder(), file).StartsWith("obj", StringComparison.Ordinal));

    private static int LayerOf(string file) => Array.IndexOf(Layers, Path.GetRelativePath(CoreFolder(), file).Split(Path.DirectorySeparatorChar)[0]);

    private static string CoreFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Fetcher.Core");
}
