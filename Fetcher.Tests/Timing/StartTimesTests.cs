using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Timing;

/// <summary>Whether a run kept up with its rate, and what its summary says of that.</summary>
public sealed class StartTimesTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_rate_that_was_kept_is_reached()
    {
        var rate = RateOf((0, 0), (100, 1), (200, 0)).ShouldNotBeNull();

        (rate.Asked, rate.IsMissed).ShouldBe((10, false));
        rate.Reached.ShouldBe(10, 0.1);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(101, true)]
    public void A_start_that_is_a_little_late_is_no_rate_missed(int milliseconds, bool isMissed) =>
        StartsOf((0, milliseconds)).RateOf(TimeSpan.FromMilliseconds(1)).ShouldNotBeNull().IsMissed.ShouldBe(isMissed);

    [Fact]
    public void A_rate_that_was_missed_is_what_there_was()
    {
        // Due every 100 ms, started every 200.
        var rate = RateOf((0, 0), (100, 100), (200, 200), (300, 300)).ShouldNotBeNull();

        (rate.Asked, rate.Latest, rate.IsMissed).ShouldBe((10, 300 * Sample.Millisecond, true));
        rate.Reached.ShouldBe(5, 0.01);
    }

    [Fact]
    public void A_time_without_anything_to_start_is_no_rate_missed()
    {
        var rate = RateOf((0, 0), (100, 0), (60_000, 0)).ShouldNotBeNull();

        (rate.Reached, rate.IsMissed).ShouldBe((10, false));
    }

    [Fact]
    public void A_late_start_that_was_made_up_for_is_told()
    {
        var rate = RateOf((0, 0), (100, 500), (200, 400), (1000, 0)).ShouldNotBeNull();

        (rate.Reached, rate.Latest, rate.IsMissed).ShouldBe((10, 500 * Sample.Millisecond, true));
    }

    [Fact]
    public void A_transfer_that_was_cancelled_before_its_start_counts_for_nothing()
    {
        var cancelled = Sample.Failed(kind: FetchErrorKind.Cancelled);
        (cancelled.Attempts, cancelled.Start) = (0, 900 * Sample.Millisecond);
        var starts = new StartTimes();

        starts.Add(cancelled);

        starts.RateOf(Interval).ShouldBeNull();
    }

    [Fact]
    public void A_run_without_a_rate_has_none() => StartsOf((0, 5)).RateOf(TimeSpan.Zero).ShouldBeNull();

    [Fact]
    public void What_several_loops_counted_adds_up()
    {
        var all = StartsOf((0, 0), (200, 200));
        all.Merge(StartsOf((100, 100), (300, 300)));

        all.RateOf(Interval).ShouldBe(RateOf((0, 0), (100, 100), (200, 200), (300, 300)));
    }

    [Theory]
    [InlineData("async", 100, 64, "asked 10/s, reached 5/s: all 64 slots were busy; starts came up to 0.300 s late")]
    [InlineData("async", 100, 1, "asked 10/s, reached 5/s: the only slot was busy; starts came up to 0.300 s late")]
    [InlineData("sequential", 100, 64, "asked 10/s, reached 5/s: the only slot was busy; starts came up to 0.300 s late")]
    [InlineData("async", 0, 64, null)]
    public void The_summary_says_when_a_rate_was_missed_and_by_how_much(string mode, int milliseconds, int concurrency, string? expected)
    {
        var run = Sample.Run();
        run = run with
        {
            Options = run.Options with { Mode = mode, Concurrency = concurrency, StartInterval = TimeSpan.FromMilliseconds(milliseconds) },
        };
        var summary = Sample.Summary(ResultsOf((0, 0), (100, 100), (200, 200), (300, 300)));

        SummaryText.Facts(run, summary).SingleOrDefault(fact => fact.Name == "rate").Value.ShouldBe(expected);
        Sample.JsonOf(summary, run).Contains("\"rate\":{\"asked\":10,\"reached\":5,\"latest_start\":0.3,\"missed\":true}", StringComparison.Ordinal)
            .ShouldBe(expected is not null);
    }

    [Theory]
    [InlineData(3_000, "asked 20/m, reached 10/m: ")]
    [InlineData(180_000, "asked 20/h, reached 10/h: ")]
    public void A_slow_rate_is_told_in_its_own_unit(int milliseconds, string expected)
    {
        var run = Sample.Run();
        run = run with { Options = run.Options with { StartInterval = TimeSpan.FromMilliseconds(milliseconds) } };
        var summary = Sample.Summary(ResultsOf((0, 0), (milliseconds, milliseconds), (2 * milliseconds, 2 * milliseconds)));

        RateText.Missed(run, summary).ShouldNotBeNull().ShouldStartWith(expected);
    }

    private static StartRate? RateOf(params (int Due, int Late)[] starts) => StartsOf(starts).RateOf(Interval);

    private static StartTimes StartsOf(params (int Due, int Late)[] starts)
    {
        var times = new StartTimes();
        foreach (var result in ResultsOf(starts))
        {
            times.Add(result);
        }

        return times;
    }

    private static IEnumerable<FetchResult> ResultsOf(params (int Due, int Late)[] starts) => starts.Select(start =>
    {
        var result = Sample.Result();
        result.Start = start.Due * Sample.Millisecond;
        result.TimeQueue = start.Late * Sample.Millisecond;
        return result;
    });
}
