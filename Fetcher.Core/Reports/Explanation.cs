using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>Where the time of a run went and what to change, in a few sentences: each has figures, and says what they support and no more.</summary>
internal static class Explanation
{
    private const double Much = RunSummary.MuchStalled, Little = RunSummary.LittleStalled;

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

        var advice = new Advice(run, summary, slowest);
        var sentences = new List<string>();
        Add(Verdict.Of(run, summary));
        Add(Tail(summary, slowest));
        if (summary.RunRecord is not { } record)
        {
            sentences.Add($"The waiting in mode {run.Mode} is .NET's own, so whether transfers waited for this program was not measured.");
            Add(advice.For(dominant));
            return sentences;
        }

        var share = summary.StallShare;
        sentences.Add(Blame(summary, share));
        if (share >= Little && Verdict.WorstOf(record) is { } worst)
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

        Add(dominant == Phase.Stall ? advice.ForClient(record) : advice.For(dominant));
        return sentences;

        void Add(string? sentence)
        {
            if (sentence is not null)
            {
                sentences.Add(sentence);
            }
        }
    }

    private static string Tail(RunSummary summary, IReadOnlyList<TimelineRow> slowest)
    {
        var p95 = summary.TimeOf(TimeField.Total).Percentile(95);
        var tail = slowest.Where(row => row.Phases.Total >= p95).DefaultIfEmpty(slowest.MaxBy(row => row.Phases.Total)!).ToArray();
        var total = (double)tail.Sum(row => row.Phases.Total);
        var longest = Enum.GetValues<Phase>().MaxBy(phase => tail.Sum(row => row.Spent[phase]));
        var share = FigureText.Percent(tail.Sum(row => row.Spent[longest]) / total);
        var queue = new QueueWait(tail.Sum(row => row.Spent.Queue), tail.Sum(row => row.QueuedForSlot));
        return $"The slowest 5 % of the transfers took {Time(p95)} and more; {share} of that was {SummaryText.Words(longest, queue)}.";
    }

    private static string Blame(RunSummary summary, double share)
    {
        var stalled = $"{FigureText.Percent(share)} of their time ({Time(summary.ClientStall)} in all)";
        return share >= Much ? $"The client is to blame: the transfers could have gone on and waited for their event loop for {stalled}."
            : share >= Little ? $"The transfers waited for their event loop for {stalled}; the rest was the servers and the network."
            : $"The client is not to blame: the transfers waited for their event loop for {stalled}.";
    }

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
        var isBlamed = stalled >= Little && Verdict.WorstOf(record)?.Kind == SpanKind.BlockingRead;
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

    private static string Time(double nanoseconds) => FigureText.Duration(nanoseconds / 1e9);
}
