using System.Text.RegularExpressions;

namespace Fetcher.Tests;

/// <summary>What the documents say in several places is the same everywhere.</summary>
public sealed partial class DocumentsTests
{
    [Fact]
    public void What_io_uring_saves_is_told_as_it_was_measured()
    {
        var measured = Measured().Match(Read("bench/README.md")).Groups["ratio"].Value;

        measured.ShouldNotBeEmpty();
        Read("docs/modes.md").ShouldContain($"[{measured} of the CPU time](../bench/README.md)");
    }

    [Fact]
    public void The_index_names_every_document()
    {
        var index = Read("docs/README.md");
        foreach (var document in Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Select(Path.GetFileName).Where(name => name != "README.md"))
        {
            index.ShouldContain($"]({document})");
        }
    }

    [Fact]
    public void README_shows_the_lines_of_code_that_differ()
    {
        var catalog = Read("Fetcher.Core/Modes/ModeCatalog.cs");
        foreach (var line in Read("README.md").Split('\n').Where(line => line.TrimStart().StartsWith("new LoopPlan(", StringComparison.Ordinal)))
        {
            catalog.ShouldContain(line.Split("//")[0].Trim());
        }
    }

    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    [GeneratedRegex(@"\| uring64: CPU a URL, --mode io-uring to --mode async \| [\d.]+ \| (?<ratio>[\d.]+) \|")]
    private static partial Regex Measured();
}
