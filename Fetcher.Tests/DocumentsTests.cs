using System.Xml.Linq;

namespace Fetcher.Tests;

/// <summary>What the documents say in several places is the same everywhere.</summary>
public sealed class DocumentsTests
{
    /// <summary>A figure that is measured stands in one file; documents that quote it say the same.</summary>
    [Fact]
    public void Measured_figures_are_quoted_as_they_were_measured()
    {
        var value = "";
        var quoted = 0;
        foreach (var line in Read("bench/figures.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] != ' ')
            {
                value = line.Split(' ')[1];
                continue;
            }

            var (document, words) = line.Trim().Split("  ", 2) is [var path, var text] ? (path, text) : throw new FormatException(line);
            words.ShouldContain("{}");
            Read(document).ShouldContain(words.Replace("{}", value, StringComparison.Ordinal), Case.Sensitive, document);
            quoted++;
        }

        quoted.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_changelog_has_the_version_that_is_built()
    {
        var version = XDocument.Parse(Read("Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

        Read("CHANGELOG.md").ShouldContain($"\n## [{version}] - ");
        Read("README.md").ShouldContain($"fetcher {version}\n");
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
}
