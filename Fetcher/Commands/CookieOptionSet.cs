using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Cookies, named as in curl; none are kept without these options.</summary>
internal sealed class CookieOptionSet
{
    private readonly Option<string[]> _cookie = CliOption.List(
        "--cookie", ["-b"], "DATA|FILE",
        "Send 'NAME=VALUE; ...', or read cookies from FILE and keep those that servers set; '' only keeps them",
        text => text.AsSpan().ContainsAny("\r\n\0") ? throw new FormatException("a cookie must not have a line break or a NUL in it") : text);

    private readonly Option<string> _cookieJar = CliOption.Value(
        "--cookie-jar", ["-c"], "FILE", "Keep the cookies that servers set, and write all to FILE at the end (Netscape's format)", Jar);

    private readonly Option<string> _hsts = CliOption.Value(
        "--hsts", [], "FILE",
        "Ask hosts that said so over https alone (HSTS): FILE is read, and written at the end, in curl's format; '' keeps them for the run",
        text => text);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(GroupedCommand command)
    {
        command.AddGroup("Cookies", _cookie, _cookieJar);
        command.AddGroup("Network and TLS", _hsts);
    }

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    public FetchOptions Bind(ParseResult result, FetchOptions options)
    {
        var data = result.Values(_cookie).Where(text => text.Contains('=', StringComparison.Ordinal)).ToArray();
        return options with
        {
            Cookie = data.Length > 0 ? string.Join("; ", data) : null,
            CookieFiles = result.Values(_cookie).Where(text => !text.Contains('=', StringComparison.Ordinal)).ToArray(),
            CookieJarPath = result.ValueOr(_cookieJar, null!),
            HstsPath = result.ValueOr(_hsts, null!),
        };
    }

    private static string Jar(string text) => text switch
    {
        "" => throw new FormatException("it is empty"),
        "-" => throw new FormatException("standard output is for the report; name a file"),
        _ => text,
    };
}
