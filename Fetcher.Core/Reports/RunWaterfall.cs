using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>The waterfall of one run: which transfers are drawn, and what is marked in them.</summary>
internal static class RunWaterfall
{
    /// <summary>Of so many transfers each can be read.</summary>
    private const int MostSlowest = 40;

    /// <summary>A part of the run that is wide enough to be seen: ten pixels of a thousand.</summary>
    private const double LeastSeen = 0.01;

    /// <summary>What to draw.</summary>
    public static WaterfallPanel Panel(RunInfo run, RunSummary summary, TransferSample sample)
    {
        var rows = sample.Rows;
        var loops = summary.RunRecord?.Loops ?? [];
        var seconds = Math.Max(summary.Cost.Wall.TotalSeconds, sample.End / 1e9);
        var marks = loops.SelectMany(MarksOf).ToLookup(mark => mark.Transfer, mark => mark.Span);
        return new WaterfallPanel
        {
            Id = "run",
            Look = HtmlPage.ColorOf(run.Mode),
            Label = "Waterfall of the run",
            Caption = HtmlText.Escape(Caption(summary, sample)),
            Seconds = seconds,
            Wall = summary.Cost.Wall.TotalSeconds,
            Rows = [.. rows.Select(row => new WaterfallRow(row, [.. marks[row.Index]]))],
            Lanes = [.. loops.Select(loop => new WaterfallLane($"loop {loop.Number}", LoopLane.SpansOf(loop, seconds)))],
            HasNames = true,
        };
    }

    /// <summary>What to draw where transfers of a long run would be specks: the slowest alone, each from its own start. With its caption.</summary>
    public static (WaterfallPanel Panel, string Caption) Drawing(RunInfo run, RunSummary summary, TransferSample sample) =>
        IsOfSpecks(summary, sample) ? Slowest(run, summary, sample) : (Panel(run, summary, sample), Caption(summary, sample));

    /// <summary>Whether most transfers were so short a part of the run that they would be specks in a picture of it.</summary>
    private static bool IsOfSpecks(RunSummary summary, TransferSample sample) =>
        sample.SlowestKept + sample.OthersKept < sample.Count
        && summary.TimeOf(TimeField.Total).Percentile(50) < LeastSeen * summary.Cost.Wall.TotalNanoseconds;

    /// <summary>The slowest transfers alone, as long as each was.</summary>
    private static (WaterfallPanel Panel, string Caption) Slowest(RunInfo run, RunSummary summary, TransferSample sample)
    {
        var rows = sample.Rows.OrderByDescending(row => row.End - row.Start).ThenBy(row => row.Index).Take(MostSlowest).ToArray();
        var seconds = Math.Max(1, rows[0].End - rows[0].Start) / 1e9;
        var marks = (summary.RunRecord?.Loops ?? []).SelectMany(MarksOf).ToLookup(mark => mark.Transfer, mark => mark.Span);
        var caption = $"The {FigureText.Count(rows.Length)} slowest of {FigureText.Count(sample.Count)} transfers, each from its own start";
        return (new WaterfallPanel
        {
            Id = "run",
            Look = HtmlPage.ColorOf(run.Mode),
            Label = "The slowest transfers of the run",
            Caption = HtmlText.Escape(caption),
            Seconds = seconds,
            Wall = seconds,
            Rows = [.. rows.Select(row => new WaterfallRow(row, [.. marks[row.Index]]))],
            HasNames = true,
            IsAligned = true,
        }, caption);
    }

    /// <summary>Which of the transfers are drawn, in words.</summary>
    public static string Caption(RunSummary summary, TransferSample sample)
    {
        var drawn = sample.SlowestKept + sample.OthersKept;
        var slowest = $"{FigureText.Count(sample.SlowestKept)} slowest of {FigureText.Count(sample.Count)} transfers";
        var forgotten = summary.RunRecord?.Loops.Sum(loop => loop.ForgottenStalls) ?? 0;
        return (drawn == sample.Count ? "Every transfer, one row each"
                : sample.OthersKept == 0 ? $"The {slowest}"
                : $"The {slowest}, and {FigureText.Count(sample.OthersKept)} of the others, chosen evenly")
            + ", in the order they were due"
            + (forgotten == 0 ? "" : $"; {FigureText.Count(forgotten)} stalls amid the run were not kept and are not drawn");
    }

    private static IEnumerable<(long Transfer, WaterfallSpan Span)> MarksOf(LoopRecord loop)
    {
        var reads = loop.Spans.Where(span => span is { Kind: SpanKind.BlockingRead, Transfer: not LoopSpan.Nobody })
            .Select(span => (span.Transfer, WaterfallMarks.OfRead(span.From, span.To)));
        return reads.Concat(loop.Stalls.Select(stall => (stall.Transfer, WaterfallMarks.Of(stall))));
    }
}
