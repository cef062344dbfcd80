using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Terminal;
using Fetcher.Tests.Reports;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Terminal;

public sealed class LiveViewTests
{
    private static readonly TerminalStyle Terminal = new(IsTerminal: true, Color: false, Width: 80);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void It_has_rates_percentiles_statuses_failures_and_hosts()
    {
        var times = new RecentTimes(_time);
        times.Sample(Times(10, 20, 30));

        var view = View(Snapshot(), times, [0, 50, 100], TimeSpan.FromSeconds(65), TimeSpan.FromSeconds(90));

        view.Split('\n').Select(line => line.TrimEnd()).ShouldBe(
        [
            "fetcher 1:05 of 1:30  1,234 URLs",
            "100 URLs/s  2.0 KiB/s  7 in flight  5.0 KiB",
            " \u2584\u2588  at most 100/s",
            "",
            "ms            p50    p90    p99  p99.9    max",
            "last 10 s  20.054 30.000 30.000 30.000 30.000",
            "all        20.054 30.000 30.000 30.000 30.000",
            "",
            "200: 1,200  404: 34  connect: 3",
            "   2.500 s  slow.test",
            "",
        ]);
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal_and_a_host_cannot_move_the_cursor()
    {
        var snapshot = Snapshot() with { Total = 5000, SlowestHosts = [new SlowHost("a\u001b[2Jb", 1, "http://a/")] };
        var view = View(snapshot, new RecentTimes(_time), [.. Enumerable.Repeat(1.0, 60)], TimeSpan.Zero, null, width: 60);

        view.Split('\n').ShouldAllBe(line => line.Length <= 60);
        view.ShouldContain("1,234 of 5,000 URLs");
        view.ShouldNotContain("\u001b[2J");
    }

    [Fact]
    public void Recent_times_are_those_of_the_last_ten_seconds()
    {
        var (all, times) = (new Histogram(), new RecentTimes(_time));
        for (var second = 1; second <= 15; second++)
        {
            all.Record(second * Sample.Millisecond);
            _time.Advance(TimeSpan.FromSeconds(1));
            times.Sample(all);
        }

        times.All.Count.ShouldBe(15);
        times.Recent.Count.ShouldBe(10);
        (times.Recent.Min / 1e6).ShouldBe(6, 0.1);
        (times.Recent.Max / 1e6).ShouldBe(15, 0.2);
    }

    private static Histogram Times(params int[] milliseconds)
    {
        var histogram = new Histogram();
        Array.ForEach(milliseconds, time => histogram.Record(time * Sample.Millisecond));
        return histogram;
    }

    private static LiveSnapshot Snapshot() => new()
    {
        Done = 1234,
        Total = null,
        InFlight = 7,
        Bytes = 5120,
        Statuses = [(200, 1200), (404, 34)],
        Failures = [(FetchErrorKind.Connect, 3)],
        SlowestHosts = [new SlowHost("slow.test", 2500 * Sample.Millisecond, "http://slow.test/")],
    };

    private static string View(LiveSnapshot snapshot, RecentTimes times, IReadOnlyList<double> history, TimeSpan elapsed, TimeSpan? duration, int width = 80)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = (Terminal with { Width = width }).CreateConsole(text);
        console.Write(LiveView.Of(snapshot, new ProgressRates(100, 2048), times, history, elapsed, duration, width));
        return text.ToString();
    }
}
