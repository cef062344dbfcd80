using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>All figures of the page as tables, a mode a row, a few figures that belong together a table; all of them for each value of the sweep.</summary>
internal static class CompareHtmlTable
{
    private static readonly (string Title, Figure[] Figures)[] Groups =
    [
        ("Time", [Figure.Wall, Figure.TimeTotalP50, Figure.TimeTotalP99]),
        ("CPU", [Figure.Cpu, Figure.CpuUser, Figure.CpuSystem, Figure.CpuPerUrl]),
        ("The loop", [Figure.BlockedShare, Figure.ClientStall, Figure.ParallelismLost]),
        ("The system", [Figure.VoluntarySwitches, Figure.InvoluntarySwitches, Figure.MaxRss]),
        ("Calls", [Figure.SyscallsPerUrl, Figure.BytesPerRead, Figure.WouldBlock]),
    ];

    private static readonly Figure[] Streams = [Figure.Connections, Figure.Streams, Figure.WindowsClosed];

    /// <summary>Writes the section.</summary>
    public static void Write(StringBuilder html, ComparisonResult result)
    {
        var note = result.Modes.Count > 1 ? $" <small>small: the range, and times {HtmlText.Escape(result.Modes[0])}</small>" : " <small>small: the range</small>";
        html.Append($"<section>\n<h2>All figures{note}</h2>\n");
        foreach (var point in result.Points)
        {
            if (point.Value is null)
            {
                WriteTables(html, point);
                continue;
            }

            // The last tables stand open, the others do not push them down.
            html.Append(point == result.Points[^1] ? "<details open=\"\">" : "<details>")
                .Append($"<summary>{HtmlText.Escape(CompareText.At(result, point))}</summary>\n");
            WriteTables(html, point);
            html.Append("</details>\n");
        }

        html.Append("</section>\n");
    }

    private static void WriteTables(StringBuilder html, ComparisonPoint point)
    {
        foreach (var (title, figures) in Groups)
        {
            html.Append($"<div class=\"scroll\" tabindex=\"0\"><table class=\"figures\">\n<thead><tr><th>{title}</th>")
                .AppendJoin("", figures.Select(figure => $"<th>{HtmlText.Escape(figure.Label)}</th>")).Append("</tr></thead>\n<tbody>\n");
            foreach (var mode in point.Modes)
            {
                html.Append($"<tr>{Head(mode)}").AppendJoin("", figures.Select(figure => Cell(mode, figure))).Append("</tr>\n");
            }

            html.Append("</tbody>\n</table></div>\n");
        }

        if (CompareText.HasHttp2(point))
        {
            WriteStreams(html, point);
        }

        html.Append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th>System calls a URL</th><td></td></tr></thead>\n<tbody>\n");
        foreach (var mode in point.Modes)
        {
            html.Append($"<tr>{Head(mode)}<td class=\"text\">{HtmlText.Escape(CompareText.SystemCallList(mode))}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    private static void WriteStreams(StringBuilder html, ComparisonPoint point)
    {
        html.Append("<div class=\"scroll\" tabindex=\"0\"><table class=\"figures\">\n<thead><tr><th>HTTP/2</th><th>HTTP</th>")
            .AppendJoin("", Streams.Select(figure => $"<th>{HtmlText.Escape(figure.Label)}</th>"))
            .Append("<th>most by the unread body of</th></tr></thead>\n<tbody>\n");
        foreach (var mode in point.Modes)
        {
            html.Append($"<tr>{Head(mode)}<td>{HtmlText.Escape(CompareText.Versions(mode))}</td>")
                .AppendJoin("", Streams.Select(figure => Cell(mode, figure)))
                .Append($"<td class=\"text\">{HtmlText.Escape(CompareText.WorstUnread(mode))}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    private static string Head(ModeSample mode) => $"<th class=\"{HtmlPage.ColorOf(mode.Mode)}\"><i class=\"solid\"></i>{HtmlText.Escape(mode.Mode)}</th>";

    private static string Cell(ModeSample mode, Figure figure)
    {
        var range = mode.SpreadOf(figure) is { } spread && spread.Min < spread.Max ? $"<small class=\"range\">{CompareText.Range(mode, figure)}</small>" : "";
        var ratio = mode.RatioTo(figure) is { } found ? $"<small>{FigureText.WithInterval(found)}</small>" : "";
        return $"<td>{CompareText.Median(mode, figure)}{range}{ratio}</td>";
    }
}
