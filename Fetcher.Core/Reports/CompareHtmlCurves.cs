using System.Globalization;
using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The cost curves of the page: what each mode took at each value of the sweep.</summary>
internal static class CompareHtmlCurves
{
    private const int PlotHeight = 240;

    /// <summary>Writes the section.</summary>
    public static void Write(StringBuilder html, ComparisonResult result)
    {
        html.Append($"<section>\n<h2>Cost by {HtmlText.Escape(result.Sweep!.Label)}</h2>\n");
        WriteLegend(html, result);
        html.Append("<div class=\"cards\">\n");
        WriteWall(html, result);
        WriteCpuPerUrl(html, result);
        if (result.Modes.Count > 1)
        {
            var times = $"times {HtmlText.Escape(result.Modes[0])}";
            WriteChart(html, result, new Chart($"Wall time, {times}", FigureText.Tick, mode => Mark.Of(mode.RatioTo(Figure.Wall)), 1));
            WriteChart(html, result, new Chart($"CPU time, {times}", FigureText.Tick, mode => Mark.Of(mode.RatioTo(Figure.Cpu)), 1));
        }

        html.Append("</div>\n</section>\n");
    }

    /// <summary>Writes which mode has which colour.</summary>
    public static void WriteLegend(StringBuilder html, ComparisonResult result)
    {
        html.Append("<p class=\"legend\">");
        foreach (var mode in result.Modes)
        {
            html.Append($"<span class=\"{HtmlPage.ColorOf(mode)}\"><svg class=\"key\" width=\"34\" height=\"8\" aria-hidden=\"true\">")
                .Append($"<line class=\"curve\" x1=\"0\" x2=\"34\" y1=\"4\" y2=\"4\"/></svg>{HtmlText.Escape(mode)}</span>");
        }

        html.Append("</p>\n");
    }

    /// <summary>Writes a card with the curves of wall time.</summary>
    public static void WriteWall(StringBuilder html, ComparisonResult result) =>
        WriteChart(html, result, new Chart("Wall time", ChartAxis.Duration, mode => Mark.Of(mode.SpreadOf(Figure.Wall))));

    /// <summary>Writes a card with the curves of CPU time a URL.</summary>
    public static void WriteCpuPerUrl(StringBuilder html, ComparisonResult result) =>
        WriteChart(html, result, new Chart("CPU time a URL", ChartAxis.Duration, mode => Mark.Of(mode.SpreadOf(Figure.CpuPerUrl))));

    private static void WriteChart(StringBuilder html, ComparisonResult result, Chart chart)
    {
        var curves = result.Modes.Select(mode => Curve.Of(result, mode, chart.MarkOf)).Where(curve => curve.Points.Count > 0).ToArray();
        if (curves.Length == 0)
        {
            return;
        }

        var x = ChartAxis.OfSettings(result.Sweep!.Values);
        var marks = curves.SelectMany(curve => curve.Points).Select(point => point.Mark);
        var y = ChartAxis.OfMeasured([.. marks.SelectMany(mark => (double[])[mark.Low, mark.Value, mark.High])]);
        var note = y.Scale == ChartScale.Log ? " <small>log scale</small>" : "";
        html.Append($"<div class=\"card\">\n<h3>{chart.Title}{note}</h3>\n<div class=\"chart\">\n<div class=\"ys\">");
        foreach (var tick in y.Ticks)
        {
            html.Append($"<span style=\"bottom:{HtmlText.Percent(y.PlaceOf(tick))}\">{chart.Label(tick)}</span>");
        }

        html.Append("</div>\n<div class=\"plot\">\n")
            .Append(CultureInfo.InvariantCulture, $"<svg height=\"{PlotHeight}\" role=\"img\" aria-label=\"{chart.Title}\">\n");
        WriteGrid(html, x, y, chart.Level);
        foreach (var curve in curves)
        {
            html.Append($"<g class=\"{HtmlPage.ColorOf(curve.Mode)}\"><title>{HtmlText.Escape(curve.Mode)}</title>");
            WriteCurve(html, curve, x, y);
            html.Append("</g>\n");
        }

        WriteNames(html, curves, x, y);

        html.Append("</svg>\n<div class=\"xs\">");
        foreach (var tick in x.Ticks)
        {
            html.Append($"<span style=\"left:{HtmlText.Percent(x.PlaceOf(tick))}\">{HtmlText.Escape(result.Sweep.ValueText(tick))}</span>");
        }

        html.Append($"</div>\n<p class=\"axis\">{HtmlText.Escape(result.Sweep.Label)}</p>\n</div>\n</div>\n</div>\n");
    }

    /// <summary>Writes each mode's name behind the end of its curve, none over another.</summary>
    private static void WriteNames(StringBuilder html, IEnumerable<Curve> curves, ChartAxis x, ChartAxis y)
    {
        const double LineHeight = 13.0 / PlotHeight;
        var named = curves.OrderByDescending(curve => y.PlaceOf(curve.Points[^1].Mark.Value)).ToArray();
        var places = named.Select(curve => 1 - y.PlaceOf(curve.Points[^1].Mark.Value)).ToArray();
        for (var i = 1; i < places.Length; i++)
        {
            places[i] = Math.Max(places[i], places[i - 1] + LineHeight);
        }

        // What was pushed below the plot goes up again, and pushes what is above it.
        for (var (i, most) = (places.Length - 1, 1.0); i >= 0; i--, most -= LineHeight)
        {
            places[i] = Math.Min(places[i], most);
        }

        foreach (var (curve, down) in named.Zip(places))
        {
            html.Append($"<text class=\"curve-name {HtmlPage.ColorOf(curve.Mode)}\" x=\"{Across(x, curve.Points[^1].X)}\" y=\"{HtmlText.Number(100 * down)}%\" dx=\"9\" dy=\"4\">")
                .Append($"{HtmlText.Escape(curve.Mode)}</text>\n");
        }
    }

    private static void WriteGrid(StringBuilder html, ChartAxis x, ChartAxis y, double? level)
    {
        foreach (var tick in y.Ticks)
        {
            html.Line("grid", "0", Down(y, tick), "100%", Down(y, tick));
        }

        foreach (var tick in x.Ticks)
        {
            html.Line("grid", Across(x, tick), "0", Across(x, tick), "100%");
        }

        if (level is { } here && y.PlaceOf(here) is > 0 and < 1)
        {
            html.Line("end", "0", Down(y, here), "100%", Down(y, here));
        }
    }

    private static void WriteCurve(StringBuilder html, Curve curve, ChartAxis x, ChartAxis y)
    {
        foreach (var (from, to) in curve.Points.Zip(curve.Points.Skip(1)))
        {
            html.Line("curve", Across(x, from.X), Down(y, from.Mark.Value), Across(x, to.X), Down(y, to.Mark.Value));
        }

        foreach (var (value, mark) in curve.Points)
        {
            html.Line("spread", Across(x, value), Down(y, mark.Low), Across(x, value), Down(y, mark.High));
            html.Circle("point", Across(x, value), Down(y, mark.Value), 4);
        }
    }

    private static string Across(ChartAxis x, double value) => HtmlText.Percent(x.PlaceOf(value));

    private static string Down(ChartAxis y, double value) => HtmlText.Percent(1 - y.PlaceOf(value));

    /// <summary>What a chart shows.</summary>
    /// <param name="Title">Its title, as HTML.</param>
    /// <param name="Label">The text of a value on the vertical axis.</param>
    /// <param name="MarkOf">What it shows of a mode.</param>
    /// <param name="Level">A value to draw a line at, or null.</param>
    private sealed record Chart(string Title, Func<double, string> Label, Func<ModeSample, Mark?> MarkOf, double? Level = null);

    /// <summary>A value and how far it may be off.</summary>
    private sealed record Mark(double Value, double Low, double High)
    {
        public static Mark? Of(Spread? spread) => spread is null ? null : new Mark(spread.Median, spread.Min, spread.Max);

        public static Mark? Of(Ratio? ratio) =>
            ratio is null ? null : new Mark(ratio.Value, ratio.Low ?? ratio.Value, ratio.High ?? ratio.Value);
    }

    /// <summary>A mode's marks at the values of the sweep at which it has any.</summary>
    private sealed record Curve(string Mode, IReadOnlyList<(double X, Mark Mark)> Points)
    {
        public static Curve Of(ComparisonResult result, string mode, Func<ModeSample, Mark?> markOf)
        {
            var marks = result.Points
                .Select(point => (X: point.Value!.Value, Mark: point.Find(mode) is { } sample ? markOf(sample) : null));
            return new Curve(mode, [.. marks.Where(point => point.Mark is not null).Select(point => (point.X, point.Mark!))]);
        }
    }
}
