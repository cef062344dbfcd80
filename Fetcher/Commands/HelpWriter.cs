using System.CommandLine;
using Fetcher.Terminal;

namespace Fetcher.Commands;

/// <summary>Writes the help of a command: a screen with what is needed most, one group of options, or all.</summary>
internal static class HelpWriter
{
    /// <summary>Columns of the help where there is no terminal to ask.</summary>
    public const int Width = 100;

    /// <summary>The word that asks for all options.</summary>
    public const string All = "all";

    private const int HelpColumn = 34, NarrowColumn = 8, Narrow = 72;

    /// <summary>Stands for a space at which a line may not be broken.</summary>
    private const char HardSpace = '\u00A0';

    /// <summary>A command with more options than this has a short help.</summary>
    private const int MostOptions = 20;

    private static readonly string[] Examples =
    [
        "fetcher urls.txt                                     a URL a line; the report for people",
        "fetcher urls.txt --format ndjson >results.ndjson     a line of JSON for each URL, as it ends",
        "fetcher urls.txt --report run.html                   the run as a page",
        "fetcher urls.txt --output-dir out --journal j        save bodies; the same again goes on",
        "fetcher urls.txt --per-host 4 --rate 20/s --robots   with care for the hosts",
        "fetcher compare urls.txt --count 10 --lab            what a blocking read costs, without a network",
        "fetcher lesson                                       the whole lesson, measured here",
    ];

    private static readonly string[] NeededMost =
    [
        "--mode", "--count", "--concurrency", "--per-host", "--rate", "--retry", "--max-time", "--header", "--user", "--insecure", "--output-dir", "--format", "--report", "--explain", "--lab",
    ];

    /// <summary>The command as it is typed.</summary>
    public static string FullName(Command command) => command.Name == "fetcher" ? "fetcher" : $"fetcher {command.Name}";

    /// <summary>The options of a command as its help has them.</summary>
    public static IReadOnlyList<OptionGroup> GroupsOf(Command command) =>
        (command as GroupedCommand)?.Groups ?? [new OptionGroup("Options", [.. command.Options])];

    /// <summary>The word by which a group of options is asked for.</summary>
    public static string CategoryOf(OptionGroup group) => group.Title.Split(' ', ',')[0].ToLowerInvariant();

    /// <summary>Writes the whole help.</summary>
    /// <param name="command">The command.</param>
    /// <param name="subcommands">The commands with a name, which it tells of.</param>
    /// <param name="output">Where to.</param>
    /// <param name="width">Columns there are.</param>
    public static void Write(Command command, IReadOnlyList<Subcommand> subcommands, TextWriter output, int width = Width)
    {
        var arguments = string.Concat(command.Arguments.Select(a => $" <{a.Name}>{(a.Arity.MaximumNumberOfValues > 1 ? "..." : "")}"));
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: {FullName(command)}{arguments} [options]");
        foreach (var subcommand in subcommands)
        {
            output.WriteLine($"       fetcher {subcommand.Name} ...");
        }

        WriteSection(output, width, "Arguments", command.Arguments.Select(argument => ($"  <{argument.Name}>", argument.Description)));
        WriteSection(output, width, "Commands", subcommands.Select(subcommand => ($"  {subcommand.Name}", (string?)subcommand.Description)));
        foreach (var group in GroupsOf(command))
        {
            WriteGroup(output, width, group, _ => true);
        }

        if (command.Name is "fetcher" or "worker")
        {
            output.WriteLine();
            WriteLines(
                output,
                width,
                "Environment: OTEL_EXPORTER_OTLP_ENDPOINT, and OpenTelemetry's other variables, export traces and metrics by OTLP; TRACEPARENT is the trace to go on with.",
                indent: 0);
        }

        WriteExitStatus(command, output);
    }

    /// <summary>Writes what was asked for.</summary>
    /// <param name="command">The command.</param>
    /// <param name="subcommands">The commands with a name, which it tells of.</param>
    /// <param name="category">The word behind <c>--help</c>: all, the name of a group, or nothing.</param>
    /// <param name="output">Where to.</param>
    /// <param name="width">Columns there are.</param>
    public static void WriteAsked(Command command, IReadOnlyList<Subcommand> subcommands, string? category, TextWriter output, int width = Width)
    {
        var groups = GroupsOf(command);
        var asked = groups.FirstOrDefault(group => CategoryOf(group).Equals(category, StringComparison.OrdinalIgnoreCase));
        if (asked is not null)
        {
            WriteGroup(output, width, asked, _ => true);
        }
        else if (category == All || command.Options.Count(option => !option.Hidden) <= MostOptions)
        {
            Write(command, subcommands, output, width);
        }
        else
        {
            WriteShort(command, subcommands, output, width);
        }
    }

    /// <summary>Columns of the terminal; <see cref="Width"/> where there is none.</summary>
    public static int WidthOfTerminal() => TerminalStyle.OfStandardOutput() is { IsTerminal: true, Width: var width } ? Math.Min(width, 120) : Width;

    private static void WriteShort(Command command, IReadOnlyList<Subcommand> subcommands, TextWriter output, int width)
    {
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: {FullName(command)} <SOURCE>... [options]     SOURCE: a file of URLs, a URL, or -");
        if (subcommands.Count > 0)
        {
            WriteLines(output, width, $"       fetcher {string.Join(" | ", subcommands.Select(subcommand => subcommand.Name))} ...", indent: 9);
            output.WriteLine();
            foreach (var example in Examples)
            {
                WriteLines(output, width, "  " + example, indent: 6);
            }
        }

        output.WriteLine();
        foreach (var group in GroupsOf(command))
        {
            foreach (var option in group.Options.Where(option => !option.Hidden && (NeededMost.Contains(option.Name) || group.Title == "Comparing")))
            {
                WriteRow(output, width, Label(option), Brief(option.Description ?? ""));
            }
        }

        output.WriteLine();
        WriteLines(output, width, $"'{FullName(command)} --help all' lists all options, '--help CATEGORY' some: "
            + string.Join(", ", GroupsOf(command).Where(group => group.Options.Any(option => !option.Hidden)).Select(CategoryOf).Distinct()), indent: 2);
        WriteExitStatus(command, output);
    }

    /// <summary>What a description says first.</summary>
    private static string Brief(string text)
    {
        var first = text.Split(';')[0].Split(" [default")[0];
        return first.Contains('\'', StringComparison.Ordinal) ? first : first.Split(": ")[0];
    }

    private static void WriteExitStatus(Command command, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(command.Name switch
        {
            "fetcher" => "Exit status: 0 all fetched, 1 something failed, 2 wrong usage or unreadable input,\n3 a --fail-if holds, 130 on SIGINT and 143 on SIGTERM, after the report of what was done.",
            "compare" => "Exit status: 0 every round was measured and every URL fetched, 1 not so, 2 wrong usage,\n3 a --fail-if holds, 130 on SIGINT and 143 on SIGTERM, after the report of what was measured.",
            "lesson" => "Exit status: 0 every chapter was measured, 1 not so, 2 wrong usage,\n130 on SIGINT and 143 on SIGTERM, after what was measured.",
            "lab" => "A path that is none of the lab's routes is the page of the host that was asked for, but 404 at the\nlab's own address. With --lab of other commands, every host is a site with pages.\n\nExit status: 0 when a signal ends it, 1 when it cannot listen, 2 wrong usage.",
            _ => "Exit status: 0, 1 when something failed, 2 wrong usage.",
        });
    }

    private static void WriteGroup(TextWriter output, int width, OptionGroup group, Func<Option, bool> isShown) =>
        WriteSection(output, width, group.Title, group.Options.Where(option => !option.Hidden && isShown(option)).Select(option => (Label(option), option.Description)));

    private static void WriteSection(TextWriter output, int width, string title, IEnumerable<(string Label, string? Text)> rows)
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

            WriteRow(output, width, label, text ?? "");
        }
    }

    private static string Label(Option option)
    {
        var letter = option.Aliases.FirstOrDefault(alias => alias.Length == 2);
        var value = option.HelpName is null ? "" : " " + option.HelpName;
        return $"  {(letter is null ? "    " : letter + ", ")}{option.Name}{value}";
    }

    private static void WriteRow(TextWriter output, int width, string label, string text)
    {
        var column = width < Narrow ? NarrowColumn : HelpColumn;
        output.Write(label);
        if (label.Length > column - 2)
        {
            output.WriteLine();
            output.Write(new string(' ', column));
        }
        else
        {
            output.Write(new string(' ', column - label.Length));
        }

        WriteLines(output, width - column, text.Replace("[default: ", "[default:" + HardSpace, StringComparison.Ordinal), indent: 0, margin: column);
    }

    /// <summary>Writes words in lines; those behind the first are indented.</summary>
    private static void WriteLines(TextWriter output, int width, string text, int indent, int margin = 0)
    {
        var column = 0;
        var isFirst = true;
        foreach (var word in text.Split(' '))
        {
            if (!isFirst && column + 1 + word.Length > width)
            {
                output.WriteLine();
                output.Write(new string(' ', margin + indent));
                column = indent;
            }
            else if (!isFirst)
            {
                output.Write(' ');
                column++;
            }

            output.Write(word.Replace(HardSpace, ' '));
            column += word.Length;
            isFirst = false;
        }

        output.WriteLine();
    }
}
