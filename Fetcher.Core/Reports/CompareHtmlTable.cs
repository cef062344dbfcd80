using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>All figures of the page as tables, a mode a column; one table for each value of the sweep.</summary>
internal sealed class CompareHtmlTable
{
    /// <summary>Up to this many modes, range and ratio stand beside each median.</summary>
    private const int RoomFor = 2;

    private readonly StringBuilder _html;
    private readonly ComparisonPoint _point;
    private readonly bool _roomy;

    private CompareHtmlTable(StringBuilder html, ComparisonPoint point)
    {
        _html = html;
        _point = point;
        _roomy = point.Modes.Count <= RoomFor;
    }

    /// <summary>Writes the section.</summary>
    public static void Write(StringBuilder html, ComparisonResult result)
    {
        html.Append("<section>\n<h2>All figures</h2>\n");
        foreach (var point in result.Points)
        {
            var table = new CompareHtmlTable(html, point);
            if (point.Value is null)
            {
                table.WriteTable();
                continue;
            }

            // The last table stands open, the others do not push it down.
            html.Append(point == result.Points[^1] ? "<details open=\"\">" : "<details>")
                .Append($"<summary>{HtmlText.Escape(CompareText.At(result, point))}</summary>\n");
            table.WriteTable();
            html.Append("</details>\n");
        }

        html.Append("</section>\n");
    }

    private void WriteTable()
    {
        _html.Append("<div class=\"scroll\"><table>\n<thead><tr><th></th>");
        foreach (var mode in _point.Modes)
        {
            _html.Append($"<th class=\"{HtmlPage.ColorOf(mode.Mode)}\"><i class=\"solid\"></i>{HtmlText.Escape(mode.Mode)}</th>");
            WriteMore("th", mode, "min .. max", $"times {HtmlText.Escape(_point.Modes[0].Mode)}");
        }

        _html.Append("</tr></thead>\n<tbody>\n");
        WriteFigures();
        WriteSystemCalls();
        _html.Append("</tbody>\n</table></div>\n");
    }

    private void WriteFigures()
    {
        foreach (var figure in Figure.All)
        {
            _html.Append($"<tr><th>{HtmlText.Escape(figure.Label)}</th>");
            foreach (var mode in _point.Modes)
            {
                var range = CompareText.Range(mode, figure);
                var ratio = mode.RatioTo(figure) is { } found ? FigureText.WithInterval(found) : "";
                _html.Append($"<td title=\"{range}\">{CompareText.Median(mode, figure)}");
                _html.Append(_roomy || ratio.Length == 0 ? "</td>" : $"<small>{ratio} times</small></td>");
                WriteMore("td", mode, range, ratio);
            }

            _html.Append("</tr>\n");
        }
    }

    private void WriteSystemCalls()
    {
        var names = _point.Modes
            .SelectMany(CompareText.SystemCalls)
            .GroupBy(call => call.Name, call => call.PerUrl)
            .OrderByDescending(call => call.Max())
            .Select(call => call.Key)
            .ToArray();
        var calls = _point.Modes.Select(mode => mode.SystemCalls().ToDictionary(call => call.Name, call => call.PerUrl)).ToArray();
        foreach (var name in names)
        {
            _html.Append($"<tr><th><code>{HtmlText.Escape(name)}</code> a URL</th>");
            foreach (var (mode, perUrl) in _point.Modes.Zip(calls))
            {
                _html.Append($"<td>{(perUrl.Count == 0 ? "-" : FigureText.Count(perUrl.GetValueOrDefault(name)))}</td>");
                WriteMore("td", mode, "", "");
            }

            _html.Append("</tr>\n");
        }
    }

    /// <summary>The cells beside a median, where there is room for them. The first mode has no ratio.</summary>
    private void WriteMore(string cell, ModeSample mode, string range, string ratio)
    {
        if (_roomy)
        {
            _html.Append($"<{cell} class=\"range\">{range}</{cell}>");
            _html.Append(mode == _point.Modes[0] ? "" : $"<{cell} class=\"more\">{ratio}</{cell}>");
        }
    }
}
