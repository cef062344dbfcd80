using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>
/// The first sentence about a run in which this program held its own transfers up: what the loop did instead of serving them. Every report for people leads
/// with it, so that none blames the servers for that.
/// </summary>
internal static class Verdict
{
    /// <summary>A loop that stood in blocking reads for this part of the run is told even where nobody waited for it.</summary>
    private const double MuchBlocked = 0.5;

    /// <summary>The sentence, or null where there is nothing to be said against the client.</summary>
    public static string? Of(RunInfo run, RunSummary summary)
    {
        var blocked = summary.Cost.BlockedShare;
        if (summary.RunRecord is not { } record)
        {
            return run.Mode == "blocking-read" && blocked >= MuchBlocked
                ? $"The {Loop(run)} stood in read() for {FigureText.Percent(blocked)} of the run and served nobody else meanwhile."
                : null;
        }

        var worst = WorstOf(record)?.Kind;
        if (worst == SpanKind.BlockingRead && summary.StallShare >= RunSummary.LittleStalled)
        {
            return $"The {Loop(run)} stood in read() for {FigureText.Percent(blocked)} of the run, while {Waited(summary)} could have gone on and waited.";
        }

        if (summary.StallShare >= RunSummary.MuchStalled)
        {
            var behind = worst is { } kind ? $", mostly behind {Words(kind)}" : "";
            return $"{Upper(Waited(summary))} could have gone on and waited for this program{behind}.";
        }

        return run.Mode == "blocking-read" && blocked >= MuchBlocked
            ? $"The {Loop(run)} stood in read() for {FigureText.Percent(blocked)} of the run, and hardly any other transfer could have gone on meanwhile."
            : null;
    }

    /// <summary>The worst blocker of the kind that cost most in all.</summary>
    public static Blocker? WorstOf(RunRecord record) => record.Blockers
        .GroupBy(blocker => blocker.Kind)
        .MaxBy(kind => kind.Sum(blocker => blocker.Cost))?
        .MaxBy(blocker => blocker.Cost);

    private static string Loop(RunInfo run) => run.Options.Loops == 1 ? "loop" : "loops";

    private static string Waited(RunSummary summary) => summary.Urls == 1 ? "the only transfer"
        : summary.Stalled == summary.Urls ? $"all {FigureText.Count(summary.Urls)} transfers"
        : $"{FigureText.Count(summary.Stalled)} of the {FigureText.Count(summary.Urls)} transfers";

    private static string Upper(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Words(SpanKind kind) => kind switch
    {
        SpanKind.Tls => "TLS",
        SpanKind.Decode => "the decoding of bodies",
        SpanKind.CpuBurst => "CPU bursts",
        SpanKind.Callback => "the handing over of results",
        SpanKind.GcPause => "the garbage collector",
        SpanKind.NotScheduled => "a CPU that others had",
        SpanKind.UnreadBody => "an unread body that filled the window of its HTTP/2 connection",
        _ => "the work of other transfers",
    };
}
