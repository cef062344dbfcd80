using Fetcher.Core.Timing;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Timing;

public sealed class RunSeriesTests
{
    [Fact]
    public void Each_second_has_what_ended_in_it()
    {
        var series = new RunSeries();
        Add(series, 0.1, 100, ok: true);
        Add(series, 0.5, 300, ok: false);
        Add(series, 3.0, 200, ok: true);

        var seconds = series.ToList();

        seconds.Count.ShouldBe(4);
        (seconds[0].Ok, seconds[0].Failed, seconds[0].Bytes).ShouldBe((1, 1, 20));
        (seconds[0].P50 / 1e6).ShouldBe(100, 1);
        (seconds[0].Max / 1e6, seconds[0].P99 / 1e6).ShouldBe((300, 300));
        (seconds[1], seconds[2]).ShouldBe((default, default));
        (seconds[3].Ok, seconds[3].Max / 1e6).ShouldBe((1, 200));
    }

    [Fact]
    public void Results_of_loops_may_come_a_little_late()
    {
        var series = new RunSeries();
        Add(series, 1.0, 10, ok: true);
        Add(series, 0.5, 30, ok: true);
        Add(series, 5.0, 20, ok: true);
        Add(series, 0.6, 40, ok: true);

        var seconds = series.ToList();

        (seconds[0].Ok, seconds[0].Max / 1e6).ShouldBe((2, 30));
        seconds.Sum(second => second.Ok).ShouldBe(4);
    }

    [Fact]
    public void What_an_earlier_run_did_does_not_count()
    {
        var series = new RunSeries();
        var result = Sample.Result();
        result.Skipped = true;
        series.Add(result);

        series.ToList().ShouldBeEmpty();
    }

    private static void Add(RunSeries series, double start, int milliseconds, bool ok)
    {
        var result = ok ? Sample.Result() : Sample.Failed();
        (result.Start, result.TimeTotal, result.SizeDownload) = ((long)(start * 1e9), milliseconds * Sample.Millisecond, 10);
        series.Add(result);
    }
}
