using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>The tables of a run's page: times, failures, and what the run cost.</summary>
internal static class HtmlRunTables
{
    /// <summary>Writes the sections of times and cost.</summary>
    public static void Write(StringBuilder html, RunInfo run, RunSummary summary)
    {
        WriteTimes(html, summary);
        html.Append("<section>\n<h2>The run</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tbody>\n");
        foreach (var (name, value) in SummaryText.Facts(run, summary, hasStalls: false))
        {
            html.Append($"<tr><th>{HtmlText.Escape(name)}</th><td class=\"text\">{HtmlText.Escape(value)}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n</section>\n");
    }

    private static void WriteTimes(StringBuilder html, RunSummary summary)
    {
        var unit = TimeUnit.For(summary.TimeOf(TimeField.Total).Max);
        html.Append($"<section>\n<h2>Times <small>in {unit.Symbol}</small></h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><td></td>");
        foreach (var name in SummaryText.Columns)
        {
            html.Append($"<th>{name}</th>");
        }

        html.Append("</tr></thead>\n<tbody>\n");
        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            var histogram = summary.TimeOf(field);
            html.Append($"<tr><th>{TimeFields.NameOf(field)}</th>");
            foreach (var value in SummaryText.Distribution(histogram))
            {
                html.Append($"<td>{(histogram.Count == 0 ? "-" : unit.Format(value))}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n</section>\n");
    }

    /// <summary>Writes the failures, where there are any.</summary>
    public static void WriteFailures(StringBuilder html, FailureLog failures)
    {
        if (failures.Total == 0)
        {
            return;
        }

        html.Append("<section>\n<h2>Failures</h2>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<tbody>\n");
        foreach (var (kind, count) in failures.ByKind)
        {
            var examples = failures.ExamplesOf(kind);
            var rows = examples.Select(example => $"<td class=\"text\">{HtmlText.Escape(example.Url)}</td><td class=\"text\">{HtmlText.Escape(example.Message)}</td>").ToList();
            if (count > examples.Count)
            {
                rows.Add($"<td class=\"text\" colspan=\"2\">and {SummaryText.Number(count - examples.Count)} more</td>");
            }

            html.Append($"<tr><th rowspan=\"{rows.Count}\" scope=\"rowgroup\">{FetchError.NameOf(kind)}: {SummaryText.Number(count)}</th>")
                .AppendJoin("</tr>\n<tr>", rows).Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n</section>\n");
    }
}
