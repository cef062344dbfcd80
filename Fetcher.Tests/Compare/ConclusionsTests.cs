using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class ConclusionsTests
{
    [Fact]
    public void The_slow_mode_is_named_with_the_ratio_its_interval_and_the_measured_cause() =>
        Conclusions.Of(CompareSample.Result(CompareSample.Point())).ShouldBe(
            ["blocking-read took 10.0 times as long as async (10.0-10.0): blocking-read's loop stood in read() for 96 % of the run."]);

    [Fact]
    public void The_first_mode_may_be_the_fast_one()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));
        var slow = CompareSample.Mode("sequential", first, CompareSample.Around(3));

        Conclusions.Of(Result(first, slow)).ShouldBe(["sequential took 3.0 times as long as async (3.0-3.0)."]);
    }

    [Fact]
    public void Nothing_is_said_where_the_interval_includes_1()
    {
        var first = CompareSample.Mode("async", null, [1.0, 1.2, 0.9, 1.1, 1.0]);
        var second = CompareSample.Mode("poll", first, [1.1, 0.9, 1.2, 1.0, 1.0]);

        Conclusions.Of(Result(first, second)).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_said_of_two_rounds_however_different()
    {
        var first = CompareSample.Mode("async", null, [1, 1]);

        Conclusions.Of(Result(first, CompareSample.Mode("sequential", first, [9, 9]))).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_said_of_a_difference_that_is_sure_but_tiny()
    {
        var first = CompareSample.Mode("async", null, [1, 1, 1, 1, 1]);

        Conclusions.Of(Result(first, CompareSample.Mode("poll", first, [1.01, 1.01, 1.01, 1.01, 1.01]))).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_said_of_modes_that_did_not_fetch_as_many_URLs()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));
        var second = CompareSample.Mode("select", first, CompareSample.Around(9), wall => CompareSample.Round(wall, failed: 50));

        Conclusions.Of(Result(first, second)).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_concluded_when_nothing_was_fetched_and_that_is_said()
    {
        var first = CompareSample.Mode("blocking-read", null, CompareSample.Around(1), wall => CompareSample.Round(wall, failed: 100));
        var result = Result(first, CompareSample.Mode("async", first, CompareSample.Around(9), wall => CompareSample.Round(wall, failed: 100)));

        Conclusions.Of(result).ShouldBeEmpty();
        CompareText.Problems(result).ShouldContain("nothing was fetched, so nothing is concluded");
        CompareText.Problems(result).ShouldNotContain(problem => problem.Contains("as many URLs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mode_without_a_measured_round_is_passed_over()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));

        Conclusions.Of(Result(first, CompareSample.Lost("select", first, 5, "no"))).ShouldBeEmpty();
    }

    [Fact]
    public void CPU_time_has_a_sentence_of_its_own_with_the_system_calls_that_go_with_it()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));
        var spinning = CompareSample.Mode(
            "busy-wait", first, CompareSample.Around(1), wall => CompareSample.Round(wall, cpu: 2.8, callsPerUrl: 400));

        Conclusions.Of(Result(first, spinning)).ShouldBe(
            ["busy-wait used 14.0 times the CPU time of async (14.0-14.0), with 400 system calls a URL instead of 3."]);
    }

    [Fact]
    public void A_blocking_mode_that_never_had_to_wait_is_said_to_be_so_and_not_to_be_slow()
    {
        var first = CompareSample.Mode(
            "blocking-read", null, CompareSample.Around(1), wall => CompareSample.Round(wall, blockedShare: 0.03));

        Conclusions.Of(Result(first, CompareSample.Mode("async", first, CompareSample.Around(1)))).ShouldBe(
            ["blocking-read's loop stood in read() for only 3 % of the run: the bodies were there when it read them."]);
    }

    [Theory]
    [InlineData("2", 1 << 20, 0, true)]
    [InlineData("2", (1 << 20) + 1, 0, false)]
    [InlineData("2", 1 << 20, 1, false)]
    [InlineData("1.1", 1 << 20, 0, false)]
    public void A_blocking_mode_whose_bodies_fitted_their_windows_is_said_to_be_so(string version, long largest, long closed, bool isTold)
    {
        var first = CompareSample.Mode("blocking-read", null, [1, 1, 1], wall => Of(CompareSample.Round(wall, blockedShare: 0.6)));

        Conclusions.Of(Result(first, CompareSample.Mode("async", first, [1, 1, 1], wall => Of(CompareSample.Round(wall))))).ShouldBe(isTold
            ? [
                "blocking-read's loop stood in read() for 60 % of the run and took 1.00 times as long as async (1.00-1.00): "
                + "every body fitted the window of its HTTP/2 stream, so the blocking read cost nothing.",
            ]
            : []);

        Round Of(Round round) => round with
        {
            HttpVersions = [version],
            LargestBody = largest,
            Streams = new RoundStreams(16, closed, 0, closed > 0 ? "http://a/" : null, closed),
        };
    }

    [Fact]
    public void A_blocking_mode_that_left_windows_closed_is_said_to_have()
    {
        var first = CompareSample.Mode("blocking-read", null, CompareSample.Around(10), wall => Of(CompareSample.Round(wall, blockedShare: 0.6), 112_000_000_000));
        var async = CompareSample.Mode("async", first, CompareSample.Around(1), wall => Of(CompareSample.Round(wall), 0));

        Conclusions.Of(Result(first, async))[0].ShouldEndWith(
            ": blocking-read's loop stood in read() for 60 % of the run, and the windows of its HTTP/2 streams were closed for 112 s, summed up.");

        static Round Of(Round round, long closed) => round with { HttpVersions = ["2"], Streams = new RoundStreams(16, closed, 0, "http://a/", closed) };
    }

    [Fact]
    public void A_share_that_would_be_printed_as_nothing_is_told_in_words()
    {
        var first = CompareSample.Mode(
            "blocking-read", null, CompareSample.Around(1), wall => CompareSample.Round(wall, blockedShare: 0.0001));

        Conclusions.Of(Result(first, CompareSample.Mode("async", first, CompareSample.Around(1)))).Single()
            .ShouldStartWith("blocking-read's loop stood in read() for hardly any of the run: ");
    }

    [Fact]
    public void A_thread_for_each_transfer_is_not_blamed_for_blocking()
    {
        var first = CompareSample.Mode("async", null, CompareSample.Around(1));
        var threads = CompareSample.Mode(
            "threads",
            first,
            CompareSample.Around(2),
            wall => CompareSample.Round(wall) with { Blocked = (long)(64 * 0.9e9 * wall), BlockedThreads = 64 });

        Conclusions.Of(Result(first, threads)).ShouldBe(["threads took 2.0 times as long as async (2.0-2.0)."]);
    }

    [Fact]
    public void A_sweep_tells_how_the_difference_grows()
    {
        var result = CompareSample.Result(
            CompareSample.Point(10, factor: 1.5), CompareSample.Point(100, factor: 4), CompareSample.Point(1000));

        Conclusions.Of(result).ShouldBe([
            "From concurrency=10 to 1000, the wall time of blocking-read went from 1.50 (1.50-1.50) to 10.0 (10.0-10.0) times "
            + "that of async: blocking-read's loop stood in read() for 96 % of the run.",
        ]);
    }

    [Fact]
    public void A_sweep_that_changes_nothing_tells_the_difference_at_the_value_where_it_is_largest()
    {
        var result = CompareSample.Result(CompareSample.Point(10), CompareSample.Point(100, factor: 20), CompareSample.Point(1000));

        Conclusions.Of(result).Single().ShouldStartWith("At concurrency=100 blocking-read took 20.0 times as long as async");
    }

    [Fact]
    public void More_loops_are_told_by_what_they_did_to_the_mode_that_they_changed_most() =>
        Conclusions.Of(Loops((1, [2, 2, 2], [2, 2, 2]), (2, [1.04, 1, 0.96], [1.8, 1.8, 1.8]))).ShouldBe(
            ["At loops=2 async took 0.50 times as long as at loops=1 (0.48-0.52)."]);

    [Fact]
    public void Nothing_is_said_of_loops_that_made_no_sure_difference() =>
        Conclusions.Of(Loops((1, [2, 1, 2], [2, 1, 2]), (2, [1, 1.2, 2.2], [1, 1.2, 2.2]))).ShouldBeEmpty();

    [Fact]
    public void Another_version_of_HTTP_is_told_by_the_time_and_the_CPU_of_a_mode()
    {
        ComparisonPoint[] points =
        [
            new(1.1, [CompareSample.Mode("async", null, [2, 2, 2], wall => CompareSample.Round(wall, cpu: 1))]),
            new(2, [CompareSample.Mode("async", null, [1, 1, 1], wall => CompareSample.Round(wall, cpu: 0.25))]),
        ];

        Conclusions.Of(CompareSample.Result(points) with { Sweep = new Sweep("http", [1.1, 2]) }).ShouldBe(
        [
            "At http=2 async took 0.50 times as long as at http=1.1 (0.50-0.50).",
            "At http=2 async used 0.25 times the CPU time of http=1.1 (0.25-0.25).",
        ]);
    }

    private static ComparisonResult Loops(params (int Loops, double[] Async, double[] Poll)[] points) =>
        CompareSample.Result([.. points.Select(point =>
        {
            var first = CompareSample.Mode("async", null, point.Async);
            return new ComparisonPoint(point.Loops, [first, CompareSample.Mode("poll", first, point.Poll)]);
        })]) with
        {
            Sweep = new Sweep("loops", [.. points.Select(point => (double)point.Loops)]),
        };

    private static ComparisonResult Result(params ModeSample[] modes) => CompareSample.Result(new ComparisonPoint(null, modes));
}
