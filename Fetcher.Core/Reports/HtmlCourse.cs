using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>A long run at a glance: how many transfers ended when, and how long they took. Each transfer would be a speck of its own.</summary>
internal static class HtmlCourse
{
    /// <summary>A run of so many seconds has a course that is worth a drawing.</summary>
    public const int LeastSeconds = 3;

    private const int Height = 160, Bins = 48, MostColumns = 120;

    /// <summary>A percentile as near as this to an end of the axis would be written over the end's own figure.</summary>
    private const double RoomOfMark = 0.15;

    /// <summary>Writes the section.</summary>
    public static void Write(StringBuilder html, RunSummary summary, RunCourse course, IReadOnlyList<SecondOfRun> seconds)
    {
        html.Append("<section>\n<h2>The whole run</h2>\n<div class=\"cards\">\n");
        WriteEnds(html, course);
        WriteTimes(html, summary.TimeOf(TimeField.Total));
        WriteSeconds(html, seconds);
        html.Append("</div>\n</section>\n");
    }

    private static void WriteEnds(StringBuilder html, RunCourse course)
    {
        var steps = course.Steps;
        if (steps.Count == 0)
        {
            return;
        }

        var most = steps.Max(step => step.Ok + step.Failed);
        var perSecond = most / (course.Step / 1e9);
        html.Append($"<div class=\"card\">\n<h3>Transfers that ended, a second <small>at most {SummaryText.Rate(perSecond)}</small></h3>\n");
        Begin(html, "Transfers that ended, over time");
        var width = 1.0 / steps.Count;
        foreach (var (place, (ok, failed)) in steps.Index())
        {
            var title = $"{FigureText.Duration(place * course.Step / 1e9)}: {FigureText.Count(ok)} ok, {FigureText.Count(failed)} failed";
            html.Append($"<g><title>{HtmlText.Escape(title)}</title>");
            WriteColumn(html, "class=\"solid\"", place * width, width, 0, (double)ok / most);
            WriteColumn(html, "class=\"failed\"", place * width, width, (double)ok / most, (double)failed / most);
            html.Append("</g>\n");
        }

        End(html, [.. new[] { 0, 0.5, 1 }.Select(place => (place, ChartAxis.Duration(Math.Round(place * steps.Count * course.Step / 1e9, 3))))], "time since the start of the run");
    }

    /// <summary>How long transfers took, second by second. Of a long run a column is several seconds, of which the worst is drawn.</summary>
    private static void WriteSeconds(StringBuilder html, IReadOnlyList<SecondOfRun> seconds)
    {
        if (seconds.Count < LeastSeconds)
        {
            return;
        }

        var step = (seconds.Count + MostColumns - 1) / MostColumns;
        var columns = seconds.Chunk(step).Select(chunk => (P50: chunk.Max(second => second.P50), P99: chunk.Max(second => second.P99))).ToArray();
        var (most, width) = (Math.Max(1, columns.Max(column => column.P99)), 1.0 / columns.Length);
        var unit = step == 1 ? "each second" : $"each {step} seconds, the worst of them";
        html.Append($"<div class=\"card\">\n<h3>p50 and p99, {unit} <small>at most {FigureText.Duration(most / 1e9)}</small></h3>\n");
        Begin(html, "Median and 99th percentile of how long transfers took, over time");
        foreach (var (place, (p50, p99)) in columns.Index())
        {
            var title = $"{FigureText.Duration(place * step)}: p50 {FigureText.Duration(p50 / 1e9)}, p99 {FigureText.Duration(p99 / 1e9)}";
            html.Append($"<g><title>{HtmlText.Escape(title)}</title>");
            WriteColumn(html, "class=\"solid\" opacity=\"0.4\"", place * width, width, 0, (double)p99 / most);
            WriteColumn(html, "class=\"solid\"", place * width, width, 0, (double)p50 / most);
            html.Append("</g>\n");
        }

        End(html, [.. new[] { 0, 0.5, 1 }.Select(place => (place, ChartAxis.Duration(Math.Round(place * seconds.Count, 1))))], "time since the start of the run");
    }

    private static void WriteTimes(StringBuilder html, Histogram times)
    {
        if (times.Count == 0)
        {
            return;
        }

        // From the fastest to the slowest, each bin as much longer as the one before.
        var (first, last) = (Math.Max(1000.0, times.Min), Math.Max(2000.0, times.Max));
        double Edge(int bin) => first * Math.Pow(last / first, (double)bin / Bins);
        var counts = Enumerable.Range(0, Bins).Select(bin =>
            (bin == Bins - 1 ? times.Count : times.CountBelow((long)Edge(bin + 1))) - (bin == 0 ? 0 : times.CountBelow((long)Edge(bin)))).ToArray();
        var most = counts.Max();
        html.Append("<div class=\"card\">\n<h3>How long transfers took <small>log scale</small></h3>\n");
        Begin(html, "How long transfers took");
        foreach (var (bin, count) in counts.Index().Where(bin => bin.Item > 0))
        {
            var title = $"{FigureText.Duration(Edge(bin) / 1e9)} to {FigureText.Duration(Edge(bin + 1) / 1e9)}: {FigureText.Count(count)} transfers";
            html.Append($"<g><title>{HtmlText.Escape(title)}</title>");
            WriteColumn(html, "class=\"solid\"", (double)bin / Bins, 1.0 / Bins, 0, (double)count / most);
            html.Append("</g>\n");
        }

        (double, string)[] marks =
        [
            (0, FigureText.Duration(first / 1e9)),
            .. new[] { 50.0, 99 }.Select(percent => (Place: PlaceOf(times.Percentile(percent)), $"p{percent:0}")).Where(mark => mark.Place is > RoomOfMark and < 1 - RoomOfMark),
            (1, FigureText.Duration(last / 1e9)),
        ];
        End(html, marks, "time_total");

        double PlaceOf(long time) => Math.Log(Math.Clamp(time, first, last) / first) / Math.Log(last / first);
    }

    private static void Begin(StringBuilder html, string label) => html.Append($"<svg height=\"{Height}\" role=\"img\" aria-label=\"{label}\">\n");

    private static void End(StringBuilder html, IReadOnlyList<(double Place, string Text)> marks, string name)
    {
        html.Append("</svg>\n<div class=\"xs ends\">")
            .AppendJoin("", marks.Select(mark => $"<span style=\"left:{HtmlText.Percent(mark.Place)}\">{HtmlText.Escape(mark.Text)}</span>"))
            .Append($"</div>\n<p class=\"axis\">{HtmlText.Escape(name)}</p>\n</div>\n");
    }

    private static void WriteColumn(StringBuilder html, string look, double x, double width, double bottom, double height)
    {
        if (height > 0)
        {
            // What is not nothing is seen.
            var high = Math.Max(height, 0.008);
            html.Rect(look, HtmlText.Percent(x), HtmlText.Percent(1 - bottom - high), HtmlText.Percent(width * 0.92), HtmlText.Percent(high));
        }
    }
}
