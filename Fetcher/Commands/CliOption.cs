using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fetcher.Commands;

/// <summary>
/// Makes options that behave alike: the last one given counts, and an error is one sentence that begins with the option as it was
/// typed.
/// </summary>
internal static class CliOption
{
    /// <summary>An option without a value. Whether it was given is <see cref="Has"/>.</summary>
    public static Option<bool> Flag(string name, string[] aliases, string help) => new(name, aliases)
    {
        Description = help,

        // With the default arity "-k true" would take a file called true for its value.
        Arity = ArgumentArity.Zero,
    };

    /// <summary>An option with one value.</summary>
    /// <param name="name">Its long name.</param>
    /// <param name="aliases">Its other names.</param>
    /// <param name="valueName">What stands for the value in the help.</param>
    /// <param name="help">What it does, for the help.</param>
    /// <param name="parse">Reads the value; throws <see cref="FormatException"/> with what is wrong.</param>
    public static Option<T> Value<T>(
        string name, string[] aliases, string valueName, string help, Func<string, T> parse) => new(name, aliases)
        {
            Description = help,
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => Parse(result, static (tokens, parse) => parse(tokens[^1].Value), parse),
        };

    /// <summary>An option that may be given several times, each with one value.</summary>
    /// <inheritdoc cref="Value"/>
    public static Option<T[]> List<T>(
        string name, string[] aliases, string valueName, string help, Func<string, T> parse) => new(name, aliases)
        {
            Description = help,
            HelpName = valueName,
            Arity = ArgumentArity.OneOrMore,
            CustomParser = result => Parse(result, static (tokens, parse) => tokens.Select(token => parse(token.Value)).ToArray(), parse),
        };

    /// <summary>Says which words its value may be, for completion.</summary>
    public static Option<T> WithWords<T>(this Option<T> option, params IEnumerable<string> words)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add([.. words]);
        return option;
    }

    /// <summary>Whether the option was given. A flag that was not has a result too, an implicit one.</summary>
    public static bool Has(this ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>The value given, or <paramref name="otherwise"/>.</summary>
    public static T ValueOr<T>(this ParseResult result, Option<T> option, T otherwise) =>
        result.Has(option) ? result.GetRequiredValue(option) : otherwise;

    /// <summary>The values given, or none.</summary>
    public static T[] Values<T>(this ParseResult result, Option<T[]> option) => result.ValueOr(option, []);

    private static TResult? Parse<T, TResult>(
        ArgumentResult result, Func<IReadOnlyList<Token>, Func<string, T>, TResult> read, Func<string, T> parse)
    {
        var option = (OptionResult)result.Parent!;
        var typed = option.IdentifierToken!.Value;
        try
        {
            if (option.IdentifierTokenCount <= result.Tokens.Count)
            {
                return read(result.Tokens, parse);
            }

            result.AddError($"{typed} needs a value each time");
        }
        catch (FormatException e)
        {
            result.AddError($"{typed}: {e.Message}");
        }

        return default;
    }
}
