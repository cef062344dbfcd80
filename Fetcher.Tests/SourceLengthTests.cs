using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Fetcher.Tests;

/// <summary>A file has at most 350 lines and a member at most 60, or it is named here with the reason why it reads better so.</summary>
public sealed partial class SourceLengthTests
{
    private const int MostOfFile = 350, MostOfMember = 60;

    private static readonly Dictionary<string, string> Exemptions = new()
    {
        ["Fetcher.Core/Fetch/RoundTrip.cs: ServeAsync"] = "each await that one URL stands in costs instructions, so its loops are not methods of their own",
        ["Fetcher.Tests/Http/RobotsRulesTests.cs: Rules"] = "a table, a line a case",
    };

    [Fact]
    public void Files_and_members_fit_on_a_few_screens()
    {
        var root = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile())!)!;
        var tooLong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(IsWritten))
        {
            var name = Path.GetRelativePath(root, file);
            var lines = File.ReadAllLines(file);
            if (lines.Length > MostOfFile)
            {
                tooLong.Add($"{name}");
            }

            tooLong.AddRange(MembersOf(lines).Where(member => member.Length > MostOfMember).Select(member => $"{name}: {member.Name}"));
        }

        tooLong.Order().ShouldBe(Exemptions.Keys.Order());
    }

    [Theory]
    [InlineData("    void F()\n    {\n        x();\n    }", "F", 4)]
    [InlineData("    static int F(\n        int a)\n    {\n    }", "F", 4)]
    [InlineData("    int P { get; } = new()\n    {\n        1,\n    };", "P", 4)]
    public void Members_are_measured_from_their_name_to_their_brace(string source, string name, int length) =>
        MembersOf(source.Split('\n')).ShouldHaveSingleItem().ShouldBe((name, length));

    private static bool IsWritten(string file) => !file.Split('/').Any(part => part is "obj" or "bin" || part.StartsWith('.'));

    /// <summary>Every member whose braces stand on lines of their own, as the format check has them: the indentation says what belongs together.</summary>
    private static IEnumerable<(string Name, int Length)> MembersOf(string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            var indentation = lines[i].Length - 1;
            if (lines[i].TrimStart() != "{" || indentation is not (4 or 8))
            {
                continue;
            }

            var first = i - 1;
            while (first > 0 && (lines[first].Length <= indentation || lines[first][indentation] == ' '))
            {
                first--;
            }

            var last = Array.FindIndex(lines, i, line => line.StartsWith(new string(' ', indentation) + "}", StringComparison.Ordinal));
            if (Member().Match(lines[first]) is { Success: true } match)
            {
                yield return (match.Groups["name"].Value, last - first + 1);
            }
        }
    }

    // Statements and types have braces at the same depths; a member has a type before its name.
    [GeneratedRegex(@"^ +(?!.*\b(class|struct|record|interface|enum|namespace|if|while|for|foreach|switch|case|try|else|lock|using|catch|finally|return|await|fixed|do|new|var)\b(?! ?\(\)))(?:[\w<>\[\]?,.()]+ )+(?<name>\w+)(?:<\w+>)?\s*(?:\(|\{|=|$)")]
    private static partial Regex Member();

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
