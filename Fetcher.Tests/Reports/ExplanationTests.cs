using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Tests.Reports;

public sealed class ExplanationTests
{
    [Fact]
    public void A_client_that_blocks_is_blamed_with_figures()
    {
        var stalled = WatchedSample.Results();
        stalled[1].ClientStall = 200 * Sample.Millisecond;
        var sentences = Explain(WatchedSample.Record, stalled);
        sentences.Count.ShouldBeInRange(3, 6);
        sentences[0].ShouldBe("The slowest 5 % of the transfers took 301 ms and more; 66 % of that was receiving bodies.");
        sentences[1].ShouldBe("The client is to blame: the transfers could have gone on and waited for their event loop for 33 % of their time (200 ms in all).");
        sentences[2].ShouldBe("What cost most: transfer 0's read() held the loop 100 ms and cost a transfer 99.0 ms.");
        sentences[^1].ShouldContain("--mode async");
    }

    [Fact]
    public void A_slow_server_is_no_fault_of_the_client()
    {
        var sentences = Explain(WatchedSample.Record with { Parallelism = new Parallelism(1, 1, [], 1) }, Sample.Result());
        sentences.Count.ShouldBe(3);
        sentences[1].ShouldStartWith("The client is not to blame");
        sentences[2].ShouldContain("--concurrency");
    }

    [Fact]
    public void Blocking_that_cost_nothing_is_explained_by_the_buffers()
    {
        var loop = WatchedSample.Record.Loops[0] with { BytesBlocking = 1000, BytesBuffered = 970 };
        var record = WatchedSample.Record with { Loops = [loop], Parallelism = new Parallelism(1, 1, [], 1) };
        Explain(record, Sample.Result()).ShouldContain(
            "Blocking reads cost little here: the receive buffers had taken 97 % of what was read before it was read.");
    }

    [Fact]
    public void A_run_that_could_not_be_watched_says_so() =>
        Explain(null, Sample.Result())[1].ShouldEndWith("was not measured.");

    [Fact]
    public void A_run_without_transfers_has_nothing_to_explain() =>
        Explain(WatchedSample.Record).ShouldHaveSingleItem();

    private static IReadOnlyList<string> Explain(RunRecord? record, params FetchResult[] results)
    {
        var summary = Sample.Summary(results);
        summary.Finish(Sample.Cost, record);
        return Explanation.Of(Sample.Run(), summary, [.. results.Select(TimelineRow.Of)]);
    }
}
