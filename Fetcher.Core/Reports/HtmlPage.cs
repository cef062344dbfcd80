using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>
/// The frame of a page that needs nothing else: no network, and no script but its own small one, without which it works too. It follows the reader's choice of light or dark, and the width of the screen.
/// </summary>
internal static class HtmlPage
{
    private static readonly string[] LoadsNothing = ["default-src 'none'", "style-src 'unsafe-inline'", $"script-src {HtmlScript.Source}"];

    /// <summary>Writes all up to the page's content.</summary>
    public static void Begin(StringBuilder html, string title) =>
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\"/>\n")
            .Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"{string.Join("; ", LoadsNothing)}\"/>\n")
            .Append($"<title>{HtmlText.Escape(title)}</title>\n")
            .Append($"<style>\n{HtmlStyle.Css}</style>\n</head>\n<body>\n<main>\n");

    /// <summary>Writes all behind the page's content.</summary>
    public static void End(StringBuilder html) => html.Append($"</main>\n<script>{HtmlScript.Text}</script>\n</body>\n</html>\n");

    /// <summary>The class that gives a mode its colour, the same on every page.</summary>
    public static string ColorOf(string mode) => $"mode-{mode}";
}
