using System.CommandLine;
using System.CommandLine.Parsing;

namespace Fetcher.Compare;

/// <summary>Makes arguments of what was parsed, so that another process can be given the same options.</summary>
internal static class PassedOnArguments
{
    /// <summary>
    /// The options that were given, each by its long name with its value behind an equals sign, so that no value is taken for an option.
    /// </summary>
    /// <param name="result">A parse result without errors.</param>
    /// <param name="kept">Options that are not passed on.</param>
    public static IReadOnlyList<string> Of(ParseResult result, IReadOnlyCollection<Option> kept) =>
        [.. result.CommandResult.Children
            .OfType<OptionResult>()
            .Where(option => !option.Implicit && !kept.Contains(option.Option))
            .SelectMany(Arguments)];

    private static IEnumerable<string> Arguments(OptionResult option) => option.Tokens.Count == 0
        ? [option.Option.Name]
        : option.Tokens.Select(token => $"{option.Option.Name}={token.Value}");
}
