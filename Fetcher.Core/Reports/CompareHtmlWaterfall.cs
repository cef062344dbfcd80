using System.Text;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The waterfalls of the page: one round of two modes side by side on the same time axis.</summary>
internal static class CompareHtmlWaterfall
{
    /// <summary>Writes the section, or nothing when no mode has a timeline.</summary>
    public static void Write(StringBuilder html, ComparisonResult result)
    {
        if (Drawn(result) is not { } drawn)
        {
            return;
        }

        var (point, pair) = drawn;
        var at = point.Value is null ? "" : $" <small>{HtmlText.Escape(CompareText.At(result, point))}</small>";
        html.Append($"<section class=\"which\">\n<h2>Every transfer, one row each{at}</h2>\n");
        var all = point.Modes.Select(mode => (mode.Mode, Round: mode.Typical())).Where(each => each.Round is { Timeline.Count: > 0 })
            .Select(each => (each.Mode, each.Round!)).ToArray();
        if (all.Length > 2)
        {
            WriteChoice(html, all.Select(each => each.Mode), pair.Select(each => each.Mode));
        }

        WritePanels(html, all, "");
        html.Append("</section>\n");
        WriteStalls(html, [.. pair.Where(each => each.Round.Stalls is not null).Select(each => (each.Mode, each.Round.Stalls!))]);
    }

    /// <summary>Which modes are drawn is for the reader to choose, by the style sheet alone; two are to begin with.</summary>
    private static void WriteChoice(StringBuilder html, IEnumerable<string> modes, IEnumerable<string> drawn)
    {
        html.Append("<p class=\"tools\">");
        foreach (var mode in modes)
        {
            html.Append($"<label><input type=\"checkbox\" id=\"see-{HtmlText.Escape(mode)}\"{(drawn.Contains(mode) ? " checked=\"\"" : "")}/> {HtmlText.Escape(mode)}</label>");
        }

        html.Append("</p>\n");
    }

    /// <summary>The point to draw, with its rounds; null when no mode has a timeline. The last value of a sweep shows most, if both modes got that far.</summary>
    public static (ComparisonPoint Point, (string Mode, Round Round)[] Rounds)? Drawn(ComparisonResult result)
    {
        var drawable = result.Points.Select(point => (Point: point, Pair: Drawable(point))).Where(each => each.Pair.Length > 0).ToArray();
        return drawable.Length == 0 ? null : drawable.Last(each => each.Pair.Length == drawable.Max(other => other.Pair.Length));
    }

    /// <summary>The drawings of rounds, on the same time axis.</summary>
    public static WaterfallPanel[] Panels(IReadOnlyList<(string Mode, Round Round)> rounds, string prefix)
    {
        var seconds = rounds.Max(each => Math.Max(each.Round.Cost.Wall.TotalSeconds, each.Round.Timeline.Max(row => row.End) / 1e9));
        return [.. rounds.Select(each => Panel(each.Mode, each.Round, seconds, prefix))];
    }

    /// <summary>Writes the waterfalls of rounds side by side, on the same time axis.</summary>
    /// <param name="html">The page.</param>
    /// <param name="rounds">What to draw; each has a timeline.</param>
    /// <param name="prefix">Makes the names of the drawings' parts the only ones of the page.</param>
    public static void WritePanels(StringBuilder html, IReadOnlyList<(string Mode, Round Round)> rounds, string prefix)
    {
        var panels = Panels(rounds, prefix);
        HtmlWaterfall.WriteLegend(html, panels);
        html.Append("<div class=\"falls\">\n");
        foreach (var panel in panels)
        {
            HtmlWaterfall.Write(html, panel);
        }

        html.Append("</div>\n");
    }

    /// <summary>Who held the loops of the rounds that are drawn, and where these spent their time.</summary>
    private static void WriteStalls(StringBuilder html, IReadOnlyList<(string Mode, RoundStalls Stalls)> rounds)
    {
        var held = rounds.Where(round => round.Stalls.Blockers.Count > 0).ToArray();
        if (held.Length > 0)
        {
            html.Append("<section>\n<h2>Top blockers <small>and what they cost the transfers behind them</small></h2>\n<div class=\"falls\">\n");
            foreach (var (mode, stalls) in held)
            {
                html.Append($"<figure class=\"{HtmlPage.ColorOf(mode)}\">\n<figcaption><b>{HtmlText.Escape(mode)}</b></figcaption>\n");
                HtmlStallTables.WriteBlockers(html, stalls.Blockers);
                html.Append("</figure>\n");
            }

            html.Append("</div>\n</section>\n");
        }

        var budgets = rounds.Where(round => round.Stalls.Budget.Count > 0).Select(round => (round.Mode, round.Stalls.Budget)).ToArray();
        if (budgets.Length > 0)
        {
            html.Append("<section>\n<h2>The loops' time</h2>\n");
            HtmlStallTables.WriteBudgets(html, budgets);
            html.Append("</section>\n");
        }
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

    private static WaterfallPanel Panel(string mode, Round round, double seconds, string prefix)
    {
        var reads = round.Timeline.SelectMany(ReadsOf).ToArray();
        var hasLoop = reads.Length > 0 && round.BlockedThreads == 1;
        return new WaterfallPanel
        {
            Id = prefix + mode,
            Look = HtmlPage.ColorOf(mode),
            Label = $"Waterfall of {mode}",
            Caption = Caption(mode, round) + (hasLoop ? "; the first row is the loop itself" : ""),
            Seconds = seconds,
            Wall = round.Cost.Wall.TotalSeconds,
            Rows = [.. round.Timeline.Select(row => new WaterfallRow(row, [.. ReadsOf(row), .. row.Stalls.Select(WaterfallMarks.Of)]))],
            Lanes = hasLoop ? [new WaterfallLane(WaterfallMarks.Read.Text, reads)] : [],
        };
    }

    private static IEnumerable<WaterfallSpan> ReadsOf(TimelineRow row) => row.Blocked.Select(span => WaterfallMarks.OfRead(span.Start, span.End));

    private static string Caption(string mode, Round round)
    {
        var caption = $"<b>{HtmlText.Escape(mode)}</b> <span class=\"value\">{FigureText.Duration(round.Cost.Wall.TotalSeconds)}</span>";
        caption += round.BlockedShare is { } share ? $", {FigureText.Percent(share)} of it in blocking reads" : "";
        var drawn = round.Timeline.Count;
        return caption + (round.Urls > drawn ? $", the first {FigureText.Count(drawn)} of {FigureText.Count(round.Urls)} transfers" : "");
    }
}
