using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// A comparison as one HTML page that needs nothing else: no network, no script. It follows the reader's choice of light or dark, and the
/// width of the screen.
/// </summary>
internal static class CompareHtml
{
    /// <summary>Writes the page.</summary>
    public static void Write(IBufferWriter<byte> output, ComparisonResult result)
    {
        var html = new StringBuilder();
        HtmlPage.Begin(html, $"{string.Join(", ", result.Modes)} - fetcher compare");
        WriteHead(html, result);
        if (result.Sweep is null)
        {
            CompareHtmlBars.Write(html, result.Points[0]);
        }
        else
        {
            CompareHtmlCurves.Write(html, result);
        }

        CompareHtmlWaterfall.Write(html, result);
        CompareHtmlTable.Write(html, result);
        WriteNotes(html, result);
        HtmlPage.End(html);
        Encoding.UTF8.GetBytes(html.ToString(), output);
    }

    private static void WriteHead(StringBuilder html, ComparisonResult result)
    {
        var sentences = Conclusions.Of(result);
        html.Append("<header>\n<p class=\"kicker\">fetcher compare</p>\n");
        html.Append($"<h1>{Sentence(sentences.Count > 0 ? sentences[0] : string.Join(", ", result.Modes))}</h1>\n");
        foreach (var sentence in sentences.Skip(1))
        {
            html.Append("<p class=\"lead\">").Append(Sentence(sentence)).Append("</p>\n");
        }

        html.Append("<p class=\"facts\">").Append(HtmlText.Escape(CompareText.Headline(result))).Append("</p>\n");
        var problems = CompareText.Problems(result).ToArray();
        if (problems.Length > 0)
        {
            html.Append("<ul class=\"problems\">");
            foreach (var problem in problems)
            {
                html.Append("<li>").Append(HtmlText.Escape(problem)).Append("</li>");
            }

            html.Append("</ul>\n");
        }

        html.Append("</header>\n");
    }

    /// <summary>A sentence as HTML; what is in parentheses, such as an interval, is kept on one line.</summary>
    private static string Sentence(string text) =>
        HtmlText.Escape(text)
            .Replace("(", "<span class=\"whole\">(", StringComparison.Ordinal)
            .Replace(")", ")</span>", StringComparison.Ordinal);

    private static void WriteNotes(StringBuilder html, ComparisonResult result)
    {
        var sources = string.Join(", ", result.Run.Sources);
        var started = result.Run.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        html.Append("<footer>\n<p>Each round ran in a fresh process; the rounds of the modes were interleaved, ")
            .Append("and each round began with another mode. Bars and lines are medians over the rounds, dots are single rounds, ")
            .Append("thin lines reach from the smallest to the largest. ")
            .Append(CultureInfo.InvariantCulture, $"Ratios have {PairedBootstrap.Confidence * 100:F0} % confidence intervals ")
            .Append("from a bootstrap of the rounds, paired by round.")
            .AppendJoin("", CompareText.Notes(result).Select(note => $" {HtmlText.Escape(note)}."))
            .Append(CompareText.Watching(result) is { } watching ? $" {HtmlText.Escape(watching)}." : "")
            .Append("</p>\n")
            .Append($"<p>{HtmlText.Escape($"{CompareText.Machine(result)}; {started}; {sources}")}</p>\n</footer>\n");
    }
}
