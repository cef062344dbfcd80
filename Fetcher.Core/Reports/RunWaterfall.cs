using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The waterfall of one run: which transfers are drawn and what is marked in them.</summary>
internal static class RunWaterfall
{
    /// <summary>What to draw.</summary>
    public static WaterfallPanel Panel(RunInfo run, RunSummary summary, TransferSample sample)
    {
        var rows = sample.Rows;
        return new WaterfallPanel
        {
            Id = "run",
            Look = HtmlPage.ColorOf(run.Mode),
            Label = "Waterfall of the run",
            Caption = HtmlText.Escape(Caption(sample, rows.Count)),
            Seconds = Math.Max(summary.Cost.Wall.TotalSeconds, sample.End / 1e9),
            Wall = summary.Cost.Wall.TotalSeconds,
            Rows = [.. rows.Select(row => new WaterfallRow(row, []))],
            HasNames = true,
        };
    }

    /// <summary>Which of the transfers are drawn, in words.</summary>
    public static string Caption(TransferSample sample, int drawn) => drawn == sample.Count
        ? "Every transfer, one row each, in the order they were due"
        : $"{FigureText.Count(drawn)} of {FigureText.Count(sample.Count)} transfers: the {FigureText.Count(sample.SlowestKept)} slowest"
            + (sample.OthersKept > 0 ? $" and {FigureText.Count(sample.OthersKept)} of the others, chosen evenly" : "");
}
