using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

public sealed class VerdictTests
{
    [Fact]
    public void A_loop_that_stood_in_reads_while_others_waited_is_told_first()
    {
        var (run, summary) = Ran("blocking-read", SpanKind.BlockingRead, stalled: 0.9, blocked: 0.97);

        SummaryText.Lead(run, summary).ShouldBe(
            "The loop stood in read() for 97 % of the run, while 1 of the 2 transfers could have gone on and waited. "
            + "45 % of the transfers' time went to waiting for this program's own loop, 33 % to receiving bodies, 21 % to waiting for the first byte.");
        summary.DominantPhase.ShouldBe(Phase.Stall);
    }

    [Theory]
    [InlineData((int)SpanKind.CpuBurst, "CPU bursts")]
    [InlineData((int)SpanKind.Tls, "TLS")]
    [InlineData((int)SpanKind.NotScheduled, "a CPU that others had")]
    public void A_client_that_was_busy_is_told_first(int kind, string words)
    {
        var (run, summary) = Ran("async", (SpanKind)kind, stalled: 0.6, blocked: 0);

        SummaryText.Lead(run, summary)!.ShouldStartWith($"1 of the 2 transfers could have gone on and waited for this program, mostly behind {words}. ");
    }

    [Theory]
    [InlineData("async", 0.02, 0)]
    [InlineData("async", 0.3, 0)]
    [InlineData("sequential", 0, 0.97)]
    [InlineData("threads", 0, 0.97)]
    public void Nothing_is_said_against_a_client_that_held_nobody_up(string mode, double stalled, double blocked)
    {
        var (run, summary) = Ran(mode, SpanKind.Work, stalled, blocked);

        Verdict.Of(run, summary).ShouldBeNull();
        summary.DominantPhase.ShouldBe(Phase.Receive);
    }

    [Fact]
    public void Reads_for_which_nobody_waited_are_told_as_such()
    {
        var (run, summary) = Ran("blocking-read", SpanKind.Work, stalled: 0, blocked: 0.97);

        Verdict.Of(run, summary).ShouldBe("The loop stood in read() for 97 % of the run, and hardly any other transfer could have gone on meanwhile.");
    }

    [Fact]
    public void Every_report_for_people_says_the_same_first()
    {
        var (run, summary) = Ran("blocking-read", SpanKind.BlockingRead, stalled: 0.9, blocked: 0.97);
        var lead = Verdict.Of(run, summary)!;
        foreach (var writer in new IReportWriter[] { new MarkdownReport(), new HtmlReport(), new Fetcher.Terminal.SummaryTable(new(false, false, 400)) })
        {
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            writer.End(output, run, summary);
            System.Text.Encoding.UTF8.GetString(output.WrittenSpan).ShouldContain(lead);
        }

        Explanation.Of(run, summary, [Core.Timing.TimelineRow.Of(Sample.Result())])[0].ShouldBe(lead);
    }

    /// <summary>Two transfers, of which one waited for its loop for a part of its time.</summary>
    private static (RunInfo Run, RunSummary Summary) Ran(string mode, SpanKind kind, double stalled, double blocked)
    {
        var waiting = Sample.Result(1);
        waiting.ClientStall = (long)(stalled * waiting.TimeTotal);
        waiting.StallSpans = new StallSpans();
        waiting.StallSpans.Add(waiting.TimeTotal - waiting.ClientStall, waiting.TimeTotal);
        var summary = Sample.Summary(Sample.Result(), waiting);
        summary.Finish(
            Sample.Cost with { BlockedShare = blocked },
            WatchedSample.Record with { Blockers = stalled > 0 ? [new Blocker(0, kind, 1, waiting.ClientStall, 1)] : [] });
        return (Sample.Run() with { Options = new FetchOptions { Mode = mode } }, summary);
    }
}
