using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
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
        sentences.Count.ShouldBeInRange(3, 7);
        sentences[0].ShouldBe("The loop stood in read() for 0 % of the run, while 1 of the 2 transfers could have gone on and waited.");
        sentences[1].ShouldBe("The slowest 5 % of the transfers took 301 ms and more; 66 % of that was receiving bodies.");
        sentences[2].ShouldBe("The client is to blame: the transfers could have gone on and waited for their event loop for 33 % of their time (200 ms in all).");
        sentences[3].ShouldBe("What cost most: transfer 0's read() held the loop 100 ms and cost a transfer 99.0 ms.");
        sentences[^1].ShouldContain("--mode async");
    }

    [Theory]
    [InlineData(300, "waiting for a free slot")]
    [InlineData(0, "waiting for a connection")]
    public void What_the_slowest_waited_for_first_is_named(int hadSlot, string words)
    {
        var result = Sample.Result();
        (result.TimeQueue, result.TimeBegin, result.TimeTotal) = (hadSlot * Sample.Millisecond, 300 * Sample.Millisecond, 301 * Sample.Millisecond);

        Explain(null, result)[0].ShouldEndWith($" of that was {words}.");
    }

    [Fact]
    public void A_slow_server_is_no_fault_of_the_client()
    {
        var sentences = Explain(WatchedSample.Record with { Parallelism = new Parallelism(1, 1, [], 1) }, Sample.Result());
        sentences.Count.ShouldBe(3);
        sentences[1].ShouldStartWith("The client is not to blame");
        sentences[2].ShouldBe("What is left is the servers' and the network's.");
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
    public void Blocking_for_bodies_that_came_with_their_header_sections_cost_nothing() =>
        ExplainBlocking(blocked: 0, bytesBlocking: 0, [Sample.Result()]).ShouldContain(
            "Blocking cost next to nothing here: 100 % of the bodies' bytes came with their header sections, and the loops stood in read() for 0 % of their time.");

    [Fact]
    public void Blocking_for_a_server_that_kept_up_cost_next_to_nothing() =>
        ExplainBlocking(blocked: 8, bytesBlocking: 2000, [Sample.Result(), Sample.Result(1)]).ShouldContain(
            "Blocking cost next to nothing here: the loops stood in read() for 2 % of their time, 4.00 ms a transfer: what had not come yet was not long in coming.");

    [Fact]
    public void Blocking_cost_nothing_even_where_the_loop_is_to_blame_for_other_things()
    {
        var stalled = Sample.Result();
        stalled.ClientStall = stalled.TimeTotal / 2;

        var sentences = ExplainBlocking(blocked: 0, bytesBlocking: 0, [stalled]);
        sentences[2].ShouldStartWith("The client is to blame");
        sentences.ShouldContain(sentence => sentence.StartsWith("Blocking cost next to nothing here", StringComparison.Ordinal));
        sentences.Count.ShouldBeLessThanOrEqualTo(7);
    }

    [Fact]
    public void Reads_that_are_to_blame_did_not_cost_nothing()
    {
        var stalled = Sample.Result();
        stalled.ClientStall = stalled.TimeTotal / 2;

        ExplainBlocking(blocked: 8, bytesBlocking: 1000, [stalled], SpanKind.BlockingRead)
            .ShouldNotContain(sentence => sentence.Contains("cost next to nothing", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mode_that_does_not_block_is_not_praised_for_it() =>
        Explain(WatchedSample.Record, Sample.Result()).ShouldNotContain(sentence => sentence.Contains("locking", StringComparison.Ordinal));

    [Fact]
    public void A_run_that_could_not_be_watched_says_so() =>
        Explain(null, Sample.Result())[1].ShouldEndWith("was not measured.");

    [Fact]
    public void A_run_without_transfers_has_nothing_to_explain() =>
        Explain(WatchedSample.Record).ShouldHaveSingleItem();

    /// <summary>A run in mode blocking-read of 400 ms.</summary>
    private static IReadOnlyList<string> ExplainBlocking(
        long blocked, long bytesBlocking, FetchResult[] results, SpanKind blocker = SpanKind.NotScheduled)
    {
        var loop = WatchedSample.Record.Loops[0] with
        {
            From = 0,
            To = 400 * Sample.Millisecond,
            Budget = [("idle", (400 - blocked) * Sample.Millisecond), ("blocked", blocked * Sample.Millisecond)],
            BytesBlocking = bytesBlocking,
        };
        var record = WatchedSample.Record with { Loops = [loop], Blockers = [new Blocker(0, blocker, 1, 1, 1)] };
        return Explain("blocking-read", record, results);
    }

    private static IReadOnlyList<string> Explain(RunRecord? record, params FetchResult[] results) => Explain("async", record, results);

    private static IReadOnlyList<string> Explain(string mode, RunRecord? record, FetchResult[] results)
    {
        var summary = Sample.Summary(results);
        summary.Finish(Sample.Cost, record);
        return Explanation.Of(Sample.Run() with { Options = new FetchOptions { Mode = mode } }, summary, [.. results.Select(TimelineRow.Of)]);
    }
}
