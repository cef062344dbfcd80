using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fetcher.Commands;

/// <summary>Says in one sentence what is wrong with a command line.</summary>
internal static class ParseProblem
{
    /// <summary>The first problem, or null when there is none.</summary>
    /// <param name="result">What the parser made of it.</param>
    /// <param name="args">The arguments as they were given.</param>
    public static string? Find(ParseResult result, IReadOnlyList<string> args) =>
        FindUnknownOption(result, args) ?? (result.Errors.Count > 0 ? Describe(result, result.Errors[0]) : FindMissingArgument(result.CommandResult));

    /// <summary>
    /// The parser takes what it does not know for an argument, also an unknown option and the rest of a bundle of short ones.
    /// </summary>
    private static string? FindUnknownOption(ParseResult result, IReadOnlyList<string> args)
    {
        var arguments = new HashSet<Token>(result.CommandResult.Tokens, ReferenceEqualityComparer.Instance);
        foreach (var token in result.Tokens)
        {
            if (token.Type == TokenType.DoubleDash)
            {
                return null;
            }

            if (token.Type == TokenType.Directive)
            {
                return $"'{token.Value}' cannot be the first argument; a file of that name is ./{token.Value}";
            }

            var isArgument = arguments.Contains(token) || result.UnmatchedTokens.Contains(token.Value);
            if (token.Type == TokenType.Argument && isArgument)
            {
                if (token.Value.Length > 1 && token.Value[0] == '-')
                {
                    return UnknownOption(result.CommandResult.Command, token.Value);
                }

                if (!args.Contains(token.Value))
                {
                    return Leftover(token.Value, args);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Every argument is required. The parser is not told: it would make a message of it, from resources, even for <c>--version</c>, half of whose CPU time
    /// behind the runtime's own start that was (bench/NOTES.md).
    /// </summary>
    private static string? FindMissingArgument(CommandResult result) =>
        result.Command.Arguments.FirstOrDefault(argument => result.GetResult(argument) is not { Tokens.Count: > 0 })?.Name switch
        {
            null => null,
            "SOURCE" => "there is no SOURCE: a file of URLs, a URL, or - for standard input",
            var name => $"there is no {name}",
        };

    private static string UnknownOption(Command command, string text)
    {
        var name = text.Split('=', 2)[0];
        if (OtherPrograms.HintFor(name) is { } hint)
        {
            return $"there is no option {name}: {hint}";
        }

        var near = command.Options
            .SelectMany(option => option.Aliases.Append(option.Name))
            .Where(known => known.StartsWith("--", StringComparison.Ordinal))
            .Select(known => (known, distance: Distance(name, known)))
            .MinBy(pair => pair.distance);
        return near.distance <= 2 ? $"there is no option {name}; did you mean {near.known}?" : $"there is no option {name}";
    }

    private static string Leftover(string value, IReadOnlyList<string> args)
    {
        var whole = args.First(arg => arg.EndsWith(value, StringComparison.Ordinal));
        return whole.StartsWith("--", StringComparison.Ordinal)
            ? $"{whole.Split('=', ':')[0]} takes no value"
            : $"there is no option -{value[0]}, in {whole}" + (OtherPrograms.HintFor($"-{value[0]}") is { } hint ? $": {hint}" : "");
    }

    private static string Describe(ParseResult result, ParseError error) => error.SymbolResult switch
    {
        OptionResult { IdentifierToken: { } typed, Tokens.Count: 0 } => $"{typed.Value} needs a value",
        CommandResult when result.UnmatchedTokens is [var extra, ..] => $"'{extra}' is one argument too many",
        _ => error.Message,
    };

    /// <summary>How many letters have to be added, dropped or changed to make one word of the other (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
