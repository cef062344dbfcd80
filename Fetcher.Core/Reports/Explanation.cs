using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>Where the time of a run went and what to change, in a few sentences: each has figures, and says what they support and no more.</summary>
internal static class Explanation
{
    /// <summary>Stalled share of the transfers' time: from the first on the loop is called the cause, below the second it is not; between them neither is said.</summary>
    private const double Much = 0.2, Little = 0.05;

    private const string NoTime = "There is more at once than a loop has time for: --loops adds loops, a lower --concurrency takes work away.";

    /// <summary>The smallest share of a loop's time in blocking reads that is explained.</summary>
    private const double NotableBlocked = 0.05;

    /// <summary>The sentences.</summary>
    /// <param name="run">What was run.</param>
    /// <param name="summary">What came of it.</param>
    /// <param name="slowest">The transfers that took longest.</param>
    public static IReadOnlyList<string> Of(RunInfo run, RunSummary summary, IReadOnlyList<TimelineRow> slowest)
    {
        if (summary.DominantPhase is not { } dominant)
        {
            return ["No transfer took any time, so there is nothing to explain."];
        }

        var sentences = new List<string> { Tail(summary, slowest) };
        if (summary.RunRecord is not { } record)
        {
            sentences.Add($"The waiting in mode {run.Mode} is .NET's own, so whether transfers waited for this program was not measured.");
            sentences.Add(Advice(run, summary, dominant));
            return sentences;
        }

        var share = summary.ClientStall / summary.TimeOf(TimeField.Total).Sum;
        sentences.Add(Blame(summary, share));
        if (share >= Little && WorstOf(record) is { } worst)
        {
            sentences.Add($"What cost most: {StallText.Words(worst)}.");
        }

        if (record.Parallelism.Lost >= Little)
        {
            var (took, perfect) = (record.Parallelism.Makespan, record.Parallelism.PerfectMakespan);
            sentences.Add($"Without these waits the run would have taken {Time(perfect)} instead of {Time(took)}: "
                + $"{FigureText.Percent(record.Parallelism.Lost)} of its parallelism was lost.");
        }

        if (WhyBlockingWasCheap(run, summary, record, share) is { } why)
        {
            sentences.Add(why);
        }

        sentences.Add(share >= Much ? AdviceForClient(record) : Advice(run, summary, dominant));
        return sentences;
    }

    private static string Tail(RunSummary summary, IReadOnlyList<TimelineRow> slowest)
    {
        var p95 = summary.TimeOf(TimeField.Total).Percentile(95);
        var tail = slowest.Where(row => row.Phases.Total >= p95).DefaultIfEmpty(slowest.MaxBy(row => row.Phases.Total)!).ToArray();
        var total = (double)tail.Sum(row => row.Phases.Total);
        var longest = Enum.GetValues<Phase>().MaxBy(phase => tail.Sum(row => row.Phases[phase]));
        var share = FigureText.Percent(tail.Sum(row => row.Phases[longest]) / total);
        return $"The slowest 5 % of the transfers took {Time(p95)} and more; {share} of that was {SummaryText.Words(longest)}.";
    }

    private static string Blame(RunSummary summary, double share)
    {
        var stalled = $"{FigureText.Percent(share)} of their time ({Time(summary.ClientStall)} in all)";
        return share >= Much ? $"The client is to blame: the transfers could have gone on and waited for their event loop for {stalled}."
            : share >= Little ? $"The transfers waited for their event loop for {stalled}; the rest was the servers and the network."
            : $"The client is not to blame: the transfers waited for their event loop for {stalled}.";
    }

    /// <summary>The worst blocker of the kind that cost most in all.</summary>
    private static Blocker? WorstOf(RunRecord record) => record.Blockers
        .GroupBy(blocker => blocker.Kind)
        .MaxBy(kind => kind.Sum(blocker => blocker.Cost))?
        .MaxBy(blocker => blocker.Cost);

    private static string? WhyBlockingWasCheap(RunInfo run, RunSummary summary, RunRecord record, double stalled)
    {
        var wall = (double)record.Loops.Sum(loop => loop.To - loop.From);
        var blocked = record.Budget.FirstOrDefault(part => part.Name == Activities.NameOf(Activity.Blocked)).Nanoseconds;
        var (read, buffered) = (record.Loops.Sum(loop => loop.BytesBlocking), record.Loops.Sum(loop => loop.BytesBuffered));
        if (stalled < Little && read > 0 && buffered >= read / 2)
        {
            return $"Blocking reads cost little here: the receive buffers had taken {FigureText.Percent((double)buffered / read)} of what was read before it was read.";
        }

        if (read > 0 && blocked >= NotableBlocked * wall)
        {
            return stalled >= Little ? null
                : $"The loops stood in blocking calls for {FigureText.Percent(blocked / wall)} of their time, while hardly anybody else had anything to do.";
        }

        // Other modes either do not block, or have nobody else to serve meanwhile.
        var isBlamed = stalled >= Little && WorstOf(record)?.Kind == SpanKind.BlockingRead;
        if (run.Mode != "blocking-read" || isBlamed || summary.BytesDownloaded == 0)
        {
            return null;
        }

        var inRead = $"the loops stood in read() for {FigureText.Percent(blocked / wall)} of their time";
        var withHead = 1 - ((double)read / summary.BytesDownloaded);
        return withHead >= 0.5
            ? $"Blocking cost next to nothing here: {FigureText.Percent(withHead)} of the bodies' bytes came with their header sections, and {inRead}."
            : $"Blocking cost next to nothing here: {inRead}, {Time((double)blocked / summary.Urls)} a transfer: what had not come yet was not long in coming.";
    }

    private static string AdviceForClient(RunRecord record) => WorstOf(record)?.Kind switch
    {
        SpanKind.BlockingRead => "Another mode helps: --mode async does not stand in a read.",
        SpanKind.CpuBurst or SpanKind.Decode or SpanKind.Tls or SpanKind.Callback =>
            "That is work for the CPU, which no way of waiting makes less: --loops spreads it over more cores.",
        SpanKind.NotScheduled => "The process wants more CPU than it got: give it a quieter machine, or less to do at once (--concurrency).",
        SpanKind.GcPause => "The garbage collector stopped the loops: fewer transfers at once (--concurrency) leave it less to do.",
        _ => NoTime,
    };

    private static string Advice(RunInfo run, RunSummary summary, Phase dominant) => dominant switch
    {
        Phase.Queue => $"Transfers waited for a place: a higher --concurrency (now {FigureText.Count(run.Options.Concurrency)}) starts them sooner.",
        Phase.Earlier => $"There were {FigureText.Count(summary.Redirects)} redirects and {FigureText.Count(summary.Retries)} retries: the URLs they lead to, listed at once, would save them.",
        Phase.Dns => "Look-ups took longest: --resolve saves them.",
        Phase.Connect or Phase.Tls => $"{FigureText.Count(summary.Connects)} connections were opened for {FigureText.Count(summary.Urls)} URLs: "
            + "URLs of one host share connections when fewer run at once (--per-host).",
        _ => $"What is left is the servers' and the network's: it shortens the run to have more in flight (--concurrency, now {FigureText.Count(run.Options.Concurrency)}) "
            + "as long as they bear it.",
    };

    private static string Time(double nanoseconds) => FigureText.Duration(nanoseconds / 1e9);
}
