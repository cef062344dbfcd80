using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>
/// Draws a waterfall: a transfer a row, its phases in colours, hatched where a loop kept it waiting or stood in a read of it, with a line to whoever it
/// waited for.
/// </summary>
internal sealed class HtmlWaterfall
{
    private const int AxisHeight = 22;
    private const int LaneHeight = 12;
    private const int LaneGap = 4;

    /// <summary>The most rows that are high enough for the URL beside them to be read.</summary>
    private const int MostNames = 40;

    private static readonly Phase[] Phases = Enum.GetValues<Phase>();

    private readonly StringBuilder _html;
    private readonly WaterfallPanel _panel;
    private readonly ChartAxis _axis;
    private readonly double _step;
    private readonly double _top;
    private readonly double _height;
    private readonly Dictionary<long, double> _middles = [];

    /// <summary>The time at the left end of what is being drawn.</summary>
    private long _origin;

    private HtmlWaterfall(StringBuilder html, WaterfallPanel panel)
    {
        _html = html;
        _panel = panel;
        _axis = ChartAxis.OfTime(panel.Seconds);
        _step = StepOf(panel.Rows.Count);
        _top = AxisHeight + (panel.Lanes.Count * (LaneHeight + LaneGap));
        _height = _top + (panel.Rows.Count * _step) + 6;
        foreach (var (place, row) in panel.Rows.Index())
        {
            _middles[row.Transfer.Index] = YOf(place) + (RowHeight / 2);
        }
    }

    private double RowHeight => _step > 5 ? _step - 2 : _step - 0.5;

    /// <summary>Writes the drawing with its caption.</summary>
    public static void Write(StringBuilder html, WaterfallPanel panel) => new HtmlWaterfall(html, panel).Write();

    /// <summary>Writes what the colours mean, of all that the drawings show.</summary>
    public static void WriteLegend(StringBuilder html, params IReadOnlyList<WaterfallPanel> panels)
    {
        html.Append("<p class=\"legend\">");
        foreach (var name in PhasesOf(panels).Select(PhaseDurations.NameOf))
        {
            html.Append($"<span><i class=\"p-{name}\"></i>{name}</span>");
        }

        foreach (var key in KeysOf(panels))
        {
            html.Append($"<span><i class=\"k-{key.Name}\"></i>{HtmlText.Escape(key.Text)}</span>");
        }

        html.Append("</p>\n");
    }

    /// <summary>What the drawings show besides phases.</summary>
    public static IEnumerable<WaterfallKey> KeysOf(IEnumerable<WaterfallPanel> panels) => panels.SelectMany(Spans).Select(span => span.Key).Distinct();

    /// <summary>The phases that the drawings show.</summary>
    public static IEnumerable<Phase> PhasesOf(IEnumerable<WaterfallPanel> panels) =>
        Phases.Where(phase => panels.Any(panel => panel.Rows.Any(row => row.Transfer.Phases[phase] > 0)));

    private static IEnumerable<WaterfallSpan> Spans(WaterfallPanel panel) =>
        panel.Rows.SelectMany(row => row.Marks).Concat(panel.Lanes.SelectMany(lane => lane.Spans));

    /// <summary>Pixels from one row to the next: the whole must fit a screen or two.</summary>
    private static double StepOf(int rows) => rows switch
    {
        <= 16 => 18,
        <= MostNames => 12,
        <= 110 => 7,
        <= 250 => 4,
        _ => 3,
    };

    /// <summary>How high the drawing is, in pixels.</summary>
    public static double HeightOf(WaterfallPanel panel) => new HtmlWaterfall(new StringBuilder(), panel)._height;

    /// <summary>Writes the drawing alone.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="panel">What to draw.</param>
    /// <param name="attributes">Attributes that say where it stands, and how wide it is.</param>
    public static void WriteDrawing(StringBuilder html, WaterfallPanel panel, string attributes) => new HtmlWaterfall(html, panel).WriteSvg(attributes);

    private void Write()
    {
        _html.Append($"<figure class=\"{_panel.Look}\" data-waterfall=\"{_panel.Id}\" data-step=\"{HtmlText.Number(_step)}\">\n<figcaption>{_panel.Caption}</figcaption>\n");
        var hasNames = _panel.HasNames && _panel.Rows.Count <= MostNames;
        if (hasNames)
        {
            WriteNames();
        }

        WriteSvg("");
        _html.Append(hasNames ? "</div>\n</figure>\n" : "</figure>\n");
    }

    private void WriteSvg(string attributes)
    {
        var height = HtmlText.Number(_height);
        _html.Append($"<svg {attributes}height=\"{height}\" role=\"img\" aria-label=\"{HtmlText.Escape(_panel.Label)}\">\n<defs>");
        foreach (var key in Spans(_panel).Select(span => span.Key).Where(key => key.IsHatched).Select(key => key.Name).Distinct())
        {
            _html.Append($"<pattern id=\"{key}-{_panel.Id}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ")
                .Append($"patternTransform=\"rotate(45)\"><rect class=\"{key}-ground\" width=\"6\" height=\"6\"/>")
                .Append($"<rect class=\"{key}\" width=\"2.6\" height=\"6\"/></pattern>");
        }

        _html.Append("</defs>\n");
        WriteAxis(height);
        foreach (var (place, lane) in _panel.Lanes.Index())
        {
            WriteLane(lane, AxisHeight + (place * (LaneHeight + LaneGap)));
        }

        foreach (var (place, row) in _panel.Rows.Index())
        {
            WriteRow(row, YOf(place));
        }

        _origin = 0;
        if (!_panel.IsAligned)
        {
            WriteLines();
        }

        var end = HtmlText.Percent(_panel.Wall / _panel.Seconds);
        _html.Line("end", end, HtmlText.Number(AxisHeight - 4), end, height);
        _html.Append("</svg>\n");
    }

    private double YOf(int place) => _top + (place * _step);

    private void WriteNames()
    {
        _html.Append($"<div class=\"named\">\n<div class=\"rows\" style=\"padding-top:{HtmlText.Number(AxisHeight)}px\">");
        foreach (var lane in _panel.Lanes)
        {
            _html.Append($"<span style=\"height:{LaneHeight + LaneGap}px;line-height:{LaneHeight}px\">{HtmlText.Escape(lane.Name)}</span>");
        }

        foreach (var row in _panel.Rows)
        {
            var height = HtmlText.Number(_step);
            _html.Append($"<span data-row=\"{row.Transfer.Index}\" style=\"height:{height}px;line-height:{HtmlText.Number(RowHeight)}px\">")
                .Append($"<b>{FigureText.Count(row.Transfer.Index)}</b> {HtmlText.Escape(NameOf(row))}</span>");
        }

        _html.Append("</div>\n");
    }

    /// <summary>The URL without its scheme.</summary>
    private static string NameOf(WaterfallRow row) =>
        row.Transfer.Url.IndexOf("://", StringComparison.Ordinal) is var colon and >= 0 ? row.Transfer.Url[(colon + 3)..] : row.Transfer.Url;

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

    private void WriteLane(WaterfallLane lane, double y)
    {
        _html.Append($"<g><title>{HtmlText.Escape(lane.Name)}</title>");
        _html.Rect("class=\"track\"", "0", HtmlText.Number(y), "100%", HtmlText.Number(LaneHeight));
        foreach (var span in lane.Spans)
        {
            WriteMark(span, y, LaneHeight);
        }

        _html.Append("</g>\n");
    }

    private void WriteRow(WaterfallRow row, double y)
    {
        var transfer = row.Transfer;
        _origin = _panel.IsAligned ? transfer.Start : 0;
        var phases = Phases.Where(phase => transfer.Phases[phase] > 0).ToArray();
        _html.Append($"<g data-row=\"{transfer.Index}\" data-from=\"{transfer.Start}\" data-to=\"{transfer.End}\">")
            .Append($"<title>transfer {FigureText.Count(transfer.Index)}: {HtmlText.Escape(transfer.Url)}{(transfer.Ok ? "" : " failed")}\n")
            .Append($"from {FigureText.Duration(transfer.Start / 1e9)} to {FigureText.Duration(transfer.End / 1e9)}");
        foreach (var phase in phases)
        {
            _html.Append($"\n{PhaseDurations.NameOf(phase)} {FigureText.Duration(transfer.Phases[phase] / 1e9)}");
        }

        _html.Append("</title>");
        var start = transfer.Start;
        foreach (var phase in phases)
        {
            var end = start + transfer.Phases[phase];
            WriteSpan($"class=\"p-{PhaseDurations.NameOf(phase)}\"", start, end, y, RowHeight);
            start = end;
        }

        foreach (var mark in row.Marks)
        {
            WriteMark(mark, y, RowHeight);
        }

        if (!transfer.Ok)
        {
            _html.Rect("class=\"failed\"", XOf(transfer.End), HtmlText.Number(y), "4", HtmlText.Number(RowHeight));
        }

        _html.Append("</g>\n");
    }

    private void WriteMark(WaterfallSpan mark, double y, double height)
    {
        if (mark.Text is not null)
        {
            _html.Append($"<g><title>{HtmlText.Escape(mark.Text)}</title>");
        }

        var look = mark.Key.IsHatched ? $"fill=\"url(#{mark.Key.Name}-{_panel.Id})\"" : $"class=\"k-{mark.Key.Name}\"";
        WriteSpan(look, mark.Start, mark.End, y, height);
        _html.Append(mark.Text is null ? "" : "</g>");
    }

    /// <summary>From a row that waited to the row of whoever it waited for, where that one began to hold the loop; above all rows.</summary>
    private void WriteLines()
    {
        foreach (var (place, row) in _panel.Rows.Index())
        {
            foreach (var mark in row.Marks)
            {
                if (_middles.TryGetValue(mark.Behind, out var blocker) && IsVisible(mark.End - mark.Start))
                {
                    var x = XOf(mark.BehindFrom);
                    _html.Line("behind", x, HtmlText.Number(YOf(place) + (RowHeight / 2)), x, HtmlText.Number(blocker));
                    _html.Circle("blocker", x, HtmlText.Number(blocker), 2);
                }
            }
        }
    }

    private void WriteSpan(string look, long start, long end, double y, double height)
    {
        if (IsVisible(end - start))
        {
            var width = HtmlText.Percent((end - start) / 1e9 / _panel.Seconds);
            _html.Rect(look, XOf(start), HtmlText.Number(y), width, HtmlText.Number(height));
        }
    }

    /// <summary>Whether it is wide enough to be drawn: about a third of a pixel on 1,000.</summary>
    private bool IsVisible(long nanoseconds) => nanoseconds / 1e9 / _panel.Seconds >= 0.0003;

    private string XOf(long time) => HtmlText.Percent((time - _origin) / 1e9 / _panel.Seconds);
}
