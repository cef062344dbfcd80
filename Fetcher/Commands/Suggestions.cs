using System.CommandLine;
using System.Globalization;

namespace Fetcher.Commands;

/// <summary>
/// System.CommandLine's suggest directive, <c>[suggest:POSITION] 'COMMAND LINE'</c>: what could stand at a place of a command line, a line
/// each. dotnet-suggest and other tools ask this way.
/// </summary>
internal static class Suggestions
{
    private const string Directive = "[suggest";

    /// <summary>Whether the arguments ask for suggestions.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="position">The place that is asked about; the end when the directive names none.</param>
    public static bool IsAskedFor(IReadOnlyList<string> args, out int position)
    {
        position = 0;
        if (args.Count != 2 || !args[0].StartsWith(Directive, StringComparison.Ordinal) || !args[0].EndsWith(']'))
        {
            return false;
        }

        position = args[1].Length;
        var number = args[0][Directive.Length..^1];
        return number.Length == 0
            || (number[0] == ':' && int.TryParse(number[1..], NumberStyles.None, CultureInfo.InvariantCulture, out position));
    }

    /// <summary>Writes the suggestions.</summary>
    public static void Write(
        string line, int position, Func<Command> createFetch, IReadOnlyList<Subcommand> subcommands, TextWriter output)
    {
        // What stands behind the place has no say.
        line = line[..Math.Min(position, line.Length)];
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var subcommand = words.Length > 1 ? subcommands.FirstOrDefault(subcommand => subcommand.Name == words[1]) : null;
        var command = subcommand?.Create() ?? createFetch();
        InformationOptions.AddTo(command, []);

        // For the parser a named command's line begins with its name.
        line = subcommand is null ? line : line[line.IndexOf(subcommand.Name, StringComparison.Ordinal)..];
        var word = line.Split(' ')[^1];
        var labels = command.Parse(line, CommandLine.Syntax).GetCompletions(line.Length).Select(item => item.Label);
        var isFirst = subcommand is null && words.Length <= (word.Length > 0 ? 2 : 1);
        var names = isFirst ? subcommands.Select(other => other.Name) : [];
        foreach (var label in labels.Concat(names).Distinct().Where(label => label.StartsWith(word, StringComparison.Ordinal)))
        {
            output.WriteLine(label);
        }
    }
}
