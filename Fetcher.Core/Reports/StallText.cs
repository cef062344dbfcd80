using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>What the summaries for people say of a watched run.</summary>
internal static class StallText
{
    private const int MostBlockers = 5;
    private const int MostParts = 6;

    /// <summary>The smallest share of a loop's time that is named.</summary>
    private const double NotableShare = 0.005;

    /// <summary>The facts about stalls for the summary, a name and a value a line (<see cref="SummaryText.Facts"/>).</summary>
    public static IEnumerable<(string Name, string Value)> Facts(RunSummary summary, RunRecord record) =>
    [
        .. Sums(summary, record),
        .. record.Blockers.Take(MostBlockers).Index().Select(each => (each.Index == 0 ? "top blockers" : "", Words(each.Item))),
        ("loop's time", Budget(record)),
    ];

    /// <summary>What stalls and lag come to in all, a line each.</summary>
    public static IEnumerable<(string Name, string Value)> Sums(RunSummary summary, RunRecord record)
    {
        var total = summary.TimeOf(TimeField.Total).Sum;
        var share = total > 0 ? $", {FigureText.Percent(summary.ClientStall / total)} of the transfers' time" : "";
        yield return ("client stall", $"{Time(summary.ClientStall)} in all{share}{Bound(summary.ClientStall, record.BoundStall)}");
        var parallelism = record.Parallelism;
        yield return ("parallelism",
            $"lost {FigureText.Percent(parallelism.Lost)}: {Time(parallelism.Makespan)}, without stalls {Time(parallelism.PerfectMakespan)}");
        yield return ("event loop",
            $"delay p50 {Time(record.Delay.Percentile(50))}, p99 {Time(record.Delay.Percentile(99))}, max {Time(record.Delay.Max)}; "
            + $"utilization {FigureText.Percent(record.Utilization)}");
    }

    /// <summary>The worst blockers, and what each cost.</summary>
    public static string Words(Blocker blocker)
    {
        var transfers = blocker.Stalled == 1 ? "a transfer" : $"{FigureText.Count(blocker.Stalled)} transfers";
        var held = blocker.Kind == SpanKind.UnreadBody
            ? $"transfer {FigureText.Count(blocker.Transfer)}'s unread body ({blocker.Url}) filled the window of its HTTP/2 connection for"
            : $"{Who(blocker.Transfer, blocker.Kind)} held the loop";
        return $"{held} {Time(blocker.Held)} and cost {transfers} {Time(blocker.Cost)}" + (blocker.Stalled == 1 ? "" : " together");
    }

    /// <summary>A blocker as the head of a row.</summary>
    public static string Name(Blocker blocker) => Name(blocker.Transfer, blocker.Kind) + (blocker.Url is null ? "" : $" ({blocker.Url})");

    /// <summary>What held a loop, and for which transfer if it was for one.</summary>
    public static string Name(long transfer, SpanKind kind) =>
        transfer == LoopSpan.Nobody ? SpanKinds.NameOf(kind) : $"{SpanKinds.NameOf(kind)} of transfer {FigureText.Count(transfer)}";

    /// <summary>Who held the loop.</summary>
    private static string Who(long transfer, SpanKind kind)
    {
        var what = kind switch
        {
            SpanKind.BlockingRead => "read()",
            SpanKind.Tls => "TLS",
            SpanKind.Decode => "decoding",
            SpanKind.CpuBurst => "CPU burst",
            SpanKind.Callback => "result, handed over,",
            SpanKind.GcPause => "the garbage collector",
            SpanKind.NotScheduled => "the kernel, which did not schedule it,",
            _ => transfer == LoopSpan.Nobody ? "many transfers' short work" : "work",
        };
        return transfer == LoopSpan.Nobody ? what : $"transfer {FigureText.Count(transfer)}'s {what}";
    }

    private static string Bound(long stall, long bound) => bound * 100 < stall || bound == 0 ? ""
        : $" (at most: of {Time(bound)} nobody told when it began)";

    private static string Budget(RunRecord record)
    {
        var wall = (double)record.Loops.Sum(loop => loop.To - loop.From);
        var parts = record.Budget.Where(part => part.Nanoseconds >= NotableShare * wall).Take(MostParts).ToArray();
        return string.Join(", ", parts.Select(part => $"{part.Name} {FigureText.Percent(part.Nanoseconds / wall)}"));
    }

    private static string Time(double nanoseconds) => FigureText.Duration(nanoseconds / 1e9);
}
