using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// The waterfalls of the page: one round of two modes side by side on the same time axis, a transfer a row, its phases in colours,
/// hatched where the loop stood in a blocking read of it.
/// </summary>
internal sealed class CompareHtmlWaterfall
{
    private const int AxisHeight = 22;
    private const int LaneHeight = 12;
    private const int LaneGap = 4;

    private static readonly Phase[] Phases = Enum.GetValues<Phase>();

    private readonly StringBuilder _html;
    private readonly ChartAxis _axis;
    private readonly double _seconds;
    private readonly string _mode;
    private readonly Round _round;
    private readonly string _hatched;

    private CompareHtmlWaterfall(StringBuilder html, double seconds, string mode, Round round)
    {
        _html = html;
        _axis = ChartAxis.OfTime(seconds);
        _seconds = seconds;
        _mode = mode;
        _round = round;
        _hatched = $"fill=\"url(#hatch-{mode})\"";
    }

    /// <summary>Writes the section, or nothing when no mode has a timeline.</summary>
    public static void Write(StringBuilder html, ComparisonResult result)
    {
        // The last value of the sweep shows most, if both modes got that far.
        var drawable = result.Points.Select(point => (Point: point, Pair: Drawable(point))).Where(each => each.Pair.Length > 0).ToArray();
        if (drawable.Length == 0)
        {
            return;
        }

        var (point, pair) = drawable.Last(each => each.Pair.Length == drawable.Max(other => other.Pair.Length));
        var at = point.Value is null ? "" : $" <small>{HtmlText.Escape(CompareText.At(result, point))}</small>";
        html.Append($"<section>\n<h2>Every transfer, one row each{at}</h2>\n");
        WriteLegend(html, [.. pair.SelectMany(each => each.Round.Timeline)]);
        html.Append("<div class=\"falls\">\n");
        var seconds = pair.Max(each => Math.Max(each.Round.Cost.Wall.TotalSeconds, each.Round.Timeline.Max(row => row.End) / 1e9));
        foreach (var (mode, round) in pair)
        {
            new CompareHtmlWaterfall(html, seconds, mode, round).WritePanel();
        }

        html.Append("</div>\n</section>\n");
    }

    /// <summary>The rounds to draw: blocking-read's and async's where both ran, else those of the first and the last mode.</summary>
    private static (string Mode, Round Round)[] Drawable(ComparisonPoint point)
    {
        ModeSample[] pair = point.Find("blocking-read") is { } blocking && point.Find("async") is { } async ? [blocking, async]
            : point.Modes.Count == 1 ? [point.Modes[0]]
            : [point.Modes[0], point.Modes[^1]];
        var rounds = pair.Select(mode => (mode.Mode, Round: mode.Typical()));
        return [.. rounds.Where(each => each.Round is { Timeline.Count: > 0 }).Select(each => (each.Mode, each.Round!))];
    }

    private static void WriteLegend(StringBuilder html, IReadOnlyList<TimelineRow> rows)
    {
        html.Append("<p class=\"legend\">");
        foreach (var name in Phases.Where(phase => rows.Any(row => row.Phases[phase] > 0)).Select(PhaseDurations.NameOf))
        {
            html.Append($"<span><i class=\"p-{name}\"></i>{name}</span>");
        }

        if (rows.Any(row => row.Blocked.Count > 0))
        {
            html.Append("<span><i class=\"p-blocked\"></i>the loop stands in a blocking read</span>");
        }

        html.Append("</p>\n");
    }

    private void WritePanel()
    {
        var rows = _round.Timeline;
        var hasLane = rows.Any(row => row.Blocked.Count > 0) && _round.BlockedThreads == 1;
        var step = StepOf(rows.Count);
        var top = AxisHeight + (hasLane ? LaneHeight + LaneGap : 0);
        var height = HtmlText.Number(top + (rows.Count * step) + 6);
        _html.Append($"<figure class=\"{CompareHtml.ColorOf(_mode)}\">\n<figcaption>{Caption()}</figcaption>\n")
            .Append($"<svg height=\"{height}\" role=\"img\" aria-label=\"Waterfall of {HtmlText.Escape(_mode)}\">\n")
            .Append($"<defs><pattern id=\"hatch-{_mode}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ")
            .Append("patternTransform=\"rotate(45)\"><rect class=\"hatch-ground\" width=\"6\" height=\"6\"/>")
            .Append("<rect class=\"hatch\" width=\"2.6\" height=\"6\"/></pattern></defs>\n");
        WriteAxis(height);
        if (hasLane)
        {
            WriteLane();
        }

        foreach (var (place, row) in rows.Index())
        {
            WriteRow(row, top + (place * step), step > 5 ? step - 2 : step - 0.5);
        }

        var end = HtmlText.Percent(_round.Cost.Wall.TotalSeconds / _seconds);
        _html.Line("end", end, HtmlText.Number(AxisHeight - 4), end, height);
        _html.Append("</svg>\n</figure>\n");
    }

    private string Caption()
    {
        var caption = $"<b>{HtmlText.Escape(_mode)}</b> <span class=\"value\">{FigureText.Duration(_round.Cost.Wall.TotalSeconds)}</span>";
        caption += _round.BlockedShare is { } share ? $", {FigureText.Percent(share)} of it in blocking reads" : "";
        var drawn = _round.Timeline.Count;
        return caption + (_round.Urls > drawn ? $", the first {FigureText.Count(drawn)} of {FigureText.Count(_round.Urls)} transfers" : "");
    }

    /// <summary>Pixels from one row to the next: the whole must fit a screen or two.</summary>
    private static double StepOf(int rows) => rows switch
    {
        <= 16 => 18,
        <= 40 => 12,
        <= 110 => 7,
        <= 250 => 4,
        _ => 3,
    };

    private void WriteAxis(string height)
    {
        foreach (var tick in _axis.Ticks)
        {
            var place = _axis.PlaceOf(tick);
            var x = HtmlText.Percent(place);

            // The labels at both ends are turned inwards, or they would be cut off.
            var anchor = place < 0.03 ? "start" : place > 0.95 ? "end" : "middle";
            _html.Line("grid", x, HtmlText.Number(AxisHeight - 4), x, height);
            _html.Append($"<text class=\"tick\" x=\"{x}\" y=\"12\" text-anchor=\"{anchor}\">{ChartAxis.Duration(tick)}</text>");
        }

        _html.Append('\n');
    }

    /// <summary>The loop's own time line: where in the run it stood in any blocking read.</summary>
    private void WriteLane()
    {
        _html.Append("<g><title>the loop stands in a blocking read</title>");
        _html.Rect("class=\"track\"", "0", HtmlText.Number(AxisHeight), "100%", HtmlText.Number(LaneHeight));
        foreach (var (start, end) in _round.Timeline.SelectMany(row => row.Blocked))
        {
            WriteSpan(_hatched, start, end, AxisHeight, LaneHeight);
        }

        _html.Append("</g>\n");
    }

    private void WriteRow(TimelineRow row, double y, double height)
    {
        var phases = Phases.Where(phase => row.Phases[phase] > 0).ToArray();
        _html.Append($"<g><title>{HtmlText.Escape(row.Url)}{(row.Ok ? "" : " failed")}\n")
            .Append($"from {FigureText.Duration(row.Start / 1e9)} to {FigureText.Duration(row.End / 1e9)}");
        foreach (var phase in phases)
        {
            _html.Append($"\n{PhaseDurations.NameOf(phase)} {FigureText.Duration(row.Phases[phase] / 1e9)}");
        }

        _html.Append("</title>");
        var start = row.Start;
        foreach (var phase in phases)
        {
            var end = start + row.Phases[phase];
            WriteSpan($"class=\"p-{PhaseDurations.NameOf(phase)}\"", start, end, y, height);
            start = end;
        }

        foreach (var (from, to) in row.Blocked)
        {
            WriteSpan(_hatched, from, to, y, height);
        }

        if (!row.Ok)
        {
            _html.Rect("class=\"failed\"", HtmlText.Percent(row.End / 1e9 / _seconds), HtmlText.Number(y), "4", HtmlText.Number(height));
        }

        _html.Append("</g>\n");
    }

    /// <summary>A stretch of time in nanoseconds; one too short for the eye is left out.</summary>
    private void WriteSpan(string look, long start, long end, double y, double height)
    {
        const double Visible = 0.0003;
        var share = (end - start) / 1e9 / _seconds;
        if (share >= Visible)
        {
            var x = HtmlText.Percent(start / 1e9 / _seconds);
            _html.Rect(look, x, HtmlText.Number(y), HtmlText.Percent(share), HtmlText.Number(height));
        }
    }
}
