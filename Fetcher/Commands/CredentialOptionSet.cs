using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Who we are to the servers, named as in curl.</summary>
internal sealed class CredentialOptionSet
{
    private readonly Option<string> _user = CliOption.Value(
        "--user", ["-u"], "USER:PASSWORD", "Basic authentication; asks for the password when it is left out", OptionText.UserInfo);

    private readonly Option<string> _bearer = CliOption.Value(
        "--oauth2-bearer", [], "TOKEN", "Send 'Authorization: Bearer TOKEN' to the origins of the list", Token);

    private readonly Option<bool> _netrc = CliOption.Flag(
        "--netrc", ["-n"], "Take user and password of each host from ~/.netrc, whatever its URL has");

    private readonly Option<bool> _netrcOptional = CliOption.Flag(
        "--netrc-optional", [], "The same for URLs that have no user and password themselves");

    private readonly Option<string> _netrcFile = CliOption.Value(
        "--netrc-file", [], "FILE", "Read FILE instead of ~/.netrc; turns --netrc on", OptionText.ExistingFile);

    /// <summary>The options, for the help's group of requests.</summary>
    public IReadOnlyList<Option> All => [_user, _bearer, _netrc, _netrcOptional, _netrcFile];

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    /// <param name="result">A parse result without errors.</param>
    /// <param name="options">What the other options came to.</param>
    /// <param name="askPassword">Asks for the password of a user.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="UsageException">Options contradict each other, or there is nobody to ask for the password.</exception>
    public FetchOptions Bind(ParseResult result, FetchOptions options, Func<string, string> askPassword, Func<string, string?> environment)
    {
        if (result.Has(_user) && result.Has(_bearer))
        {
            throw new UsageException("--user and --oauth2-bearer exclude each other: a request has one Authorization");
        }

        if (result.Has(_netrc) && result.Has(_netrcOptional))
        {
            throw new UsageException("--netrc and --netrc-optional exclude each other");
        }

        var isAsked = result.Has(_netrc) || result.Has(_netrcOptional) || result.Has(_netrcFile);
        return options with
        {
            Credentials = result.Has(_user) ? WithPassword(result.GetRequiredValue(_user), askPassword) : null,
            BearerToken = result.ValueOr(_bearer, null!),
            NetrcPath = isAsked ? result.ValueOr(_netrcFile, Path.Combine(environment("HOME") ?? "", ".netrc")) : null,
            NetrcOptional = result.Has(_netrcOptional),
        };
    }

    private static string Token(string text) =>
        text.Length == 0 ? throw new FormatException("it is empty")
        : text.Any(c => c is <= ' ' or > '~') ? throw new FormatException("a token has only visible characters of ASCII")
        : text;

    private static string WithPassword(string user, Func<string, string> askPassword) =>
        user.Contains(':', StringComparison.Ordinal) ? user : $"{user}:{askPassword(user)}";
}
