using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Fetcher.Core.Reports;

/// <summary>docs/failures.md: every failure, curl's exit code for it, whether it is tried again, and what to do about it.</summary>
internal static partial class FailuresPage
{
    /// <summary>The page, in Markdown.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder("""
            # Failures

            A URL that was not fetched has an `error` with a kind and a message, and an `exitcode`: the one that curl gives for the same failure.

                {"error":{"kind":"connect","message":"could not connect to localhost (127.0.0.1) port 1: Connection refused"},"exitcode":7}

            Those marked *yes* are tried again (`--retry`), since they may have passed by then. `--retry-all-errors` also tries the others again, but for
            those marked *never*.

            | kind | exit code | message | tried again | what to do |
            |---|--:|---|---|---|

            """);
        foreach (var failure in Failures.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{FetchError.NameOf(failure.Kind)}` | {failure.ExitCode} | {Place().Replace(failure.Text, "...")} ");
            page.Append(CultureInfo.InvariantCulture, $"| {TriedAgain(failure)} | {failure.Advice} |\n");
        }

        return page.Append("""

            A proxy that cannot be connected to, or whose certificate is refused, has the exit code of that failure. A URL whose host has failed too often in
            a row (`--circuit`) is not tried; it has the kind and the exit code of the host's last failure.

            """).ToString();
    }

    private static string TriedAgain(Failure failure) => failure.Blame switch
    {
        FailureBlame.Final => "never",
        FailureBlame.Passing or FailureBlame.Host => "yes",
        _ => "no",
    };

    [GeneratedRegex(@"(\{\d[^}]*\})+")]
    private static partial Regex Place();
}
