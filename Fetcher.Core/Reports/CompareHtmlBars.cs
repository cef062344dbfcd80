using System.Text;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The bars of the page: wall and CPU time of each mode, with every round as a dot.</summary>
internal static class CompareHtmlBars
{
    /// <summary>Pixels that a bar takes.</summary>
    public const int HeightOfBar = 26;

    private const string Top = "4", Middle = "13", Thickness = "18", Height = "26";

    /// <summary>Writes a card of bars for wall and one for CPU time.</summary>
    public static void Write(StringBuilder html, ComparisonPoint point)
    {
        html.Append("<section class=\"cards\">\n");
        WriteWall(html, point);
        WriteCpu(html, point);
        html.Append("</section>\n");
    }

    /// <summary>Writes a card of bars for wall time.</summary>
    public static void WriteWall(StringBuilder html, ComparisonPoint point) => WriteCard(html, point, "Wall time", Figure.Wall, part: Figure.Wall);

    /// <summary>Writes a card of bars for CPU time.</summary>
    public static void WriteCpu(StringBuilder html, ComparisonPoint point) => WriteCard(html, point, "CPU time", Figure.Cpu, part: Figure.CpuUser);

    private static void WriteCard(StringBuilder html, ComparisonPoint point, string title, Figure figure, Figure part)
    {
        // The values stand in a column: behind the longest name.
        var nameWidth = point.Modes.Max(mode => mode.Mode.Length) * 0.64;
        html.Append($"<div class=\"card\" style=\"--names:{HtmlText.Number(nameWidth)}em\">\n<h2>{title}");
        if (figure != part)
        {
            html.Append("<span class=\"legend\"><i class=\"solid\"></i>user <i class=\"pale\"></i>system</span>");
        }

        if (point.Modes.Count > 1)
        {
            html.Append($"<span class=\"ratio\">times {HtmlText.Escape(point.Modes[0].Mode)}</span>");
        }

        html.Append("</h2>\n");
        var most = point.Modes.Max(mode => mode.SpreadOf(figure)?.Max ?? 0);
        foreach (var mode in point.Modes)
        {
            var name = HtmlText.Escape(mode.Mode);
            var median = CompareText.Median(mode, figure);
            var ratio = mode.RatioTo(figure) is { } found ? $"<span class=\"ratio\">{FigureText.WithInterval(found)}</span>" : "";
            html.Append($"<div class=\"bar {HtmlPage.ColorOf(mode.Mode)}\">")
                .Append($"<div class=\"name\"><b>{name}</b><span class=\"value\">{median}</span>{ratio}</div>\n")
                .Append($"<svg height=\"{Height}\" role=\"img\" aria-label=\"{name} {median}\">");
            WriteBar(html, mode, figure, part, most);
            html.Append("</svg>\n</div>\n");
        }

        html.Append("</div>\n");
    }

    /// <summary>Draws the bar of a mode, as high as <see cref="HeightOfBar"/>.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="figure">What its length is.</param>
    /// <param name="part">What of it is solid.</param>
    /// <param name="most">The longest that there is room for.</param>
    public static void WriteBar(StringBuilder html, ModeSample mode, Figure figure, Figure part, double most)
    {
        html.Rect("class=\"track\" rx=\"3\"", "0", Top, "100%", Thickness);
        if (mode.SpreadOf(figure) is not { } spread || most <= 0)
        {
            return;
        }

        // The dots at the far end must not be cut in half.
        var scale = 0.985 / most;
        var solid = Math.Min(spread.Median, mode.SpreadOf(part)?.Median ?? 0);
        html.Rect("class=\"pale\" rx=\"3\"", "0", Top, HtmlText.Percent(spread.Median * scale), Thickness);
        html.Rect("class=\"solid\" rx=\"3\"", "0", Top, HtmlText.Percent(solid * scale), Thickness);
        html.Line("whisker", HtmlText.Percent(spread.Min * scale), Middle, HtmlText.Percent(spread.Max * scale), Middle);
        foreach (var value in mode.Measured.Select(figure.Of).OfType<double>())
        {
            html.Circle("round", HtmlText.Percent(value * scale), Middle, 3);
        }
    }
}
