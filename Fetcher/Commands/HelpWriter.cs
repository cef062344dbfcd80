using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>Writes the help of a command, in lines of at most <see cref="Width"/> characters.</summary>
internal static class HelpWriter
{
    /// <summary>Columns of the help.</summary>
    public const int Width = 100;

    private const int HelpColumn = 34;

    /// <summary>Stands for a space at which a line may not be broken.</summary>
    private const char HardSpace = '\u00A0';

    /// <summary>The command as it is typed.</summary>
    public static string FullName(Command command) => command.Name == "fetcher" ? "fetcher" : $"fetcher {command.Name}";

    /// <summary>The options of a command as its help has them.</summary>
    public static IReadOnlyList<OptionGroup> GroupsOf(Command command) =>
        (command as GroupedCommand)?.Groups ?? [new OptionGroup("Options", [.. command.Options])];

    /// <summary>Writes the help.</summary>
    /// <param name="command">The command.</param>
    /// <param name="subcommands">The commands with a name, which it tells of.</param>
    /// <param name="output">Where to.</param>
    public static void Write(Command command, IReadOnlyList<Subcommand> subcommands, TextWriter output)
    {
        var arguments = string.Concat(command.Arguments.Select(a => $" <{a.Name}>{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}"));
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: {FullName(command)}{arguments} [options]");
        foreach (var subcommand in subcommands)
        {
            output.WriteLine($"       fetcher {subcommand.Name} ...");
        }

        WriteSection(output, "Arguments", command.Arguments.Select(argument => ($"  <{argument.Name}>", argument.Description)));
        WriteSection(output, "Commands", subcommands.Select(subcommand => ($"  {subcommand.Name}", (string?)subcommand.Description)));
        foreach (var group in GroupsOf(command))
        {
            var shown = group.Options.Where(option => !option.Hidden);
            WriteSection(output, group.Title, shown.Select(option => (Label(option), option.Description)));
        }

        output.WriteLine();
        output.WriteLine("Exit status: 0 all fetched, 1 something failed, 2 wrong usage or unreadable input,");
        output.WriteLine("130 on SIGINT and 143 on SIGTERM, after the report of what was done.");
    }

    private static void WriteSection(TextWriter output, string title, IEnumerable<(string Label, string? Text)> rows)
    {
        var first = true;
        foreach (var (label, text) in rows)
        {
            if (first)
            {
                output.WriteLine();
                output.WriteLine($"{title}:");
                first = false;
            }

            WriteRow(output, label, text ?? "");
        }
    }

    private static string Label(Option option)
    {
        var letter = option.Aliases.FirstOrDefault(alias => alias.Length == 2);
        var value = option.HelpName is null ? "" : " " + option.HelpName;
        return $"  {(letter is null ? "    " : letter + ", ")}{option.Name}{value}";
    }

    private static void WriteRow(TextWriter output, string label, string text)
    {
        var column = label.Length;
        output.Write(label);
        if (column > HelpColumn - 2)
        {
            output.WriteLine();
            column = 0;
        }

        output.Write(new string(' ', HelpColumn - column));
        column = HelpColumn;
        foreach (var word in text.Replace("[default: ", "[default:" + HardSpace, StringComparison.Ordinal).Split(' '))
        {
            if (column > HelpColumn)
            {
                if (column + 1 + word.Length > Width)
                {
                    output.WriteLine();
                    output.Write(new string(' ', HelpColumn));
                    column = HelpColumn;
                }
                else
                {
                    output.Write(' ');
                    column++;
                }
            }

            output.Write(word.Replace(HardSpace, ' '));
            column += word.Length;
        }

        output.WriteLine();
    }
}
