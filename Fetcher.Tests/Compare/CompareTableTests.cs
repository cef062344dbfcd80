using Fetcher.Compare;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Terminal;

namespace Fetcher.Tests.Compare;

public sealed class CompareTableTests
{
    private static readonly string[] AllModes =
        ["blocking-read", "async", "sequential", "threads", "busy-wait", "select", "poll", "io-uring", "httpclient"];

    [Fact]
    public void The_table_leads_with_what_is_shown_and_has_bars_and_costs() =>
        Table(TerminalStyle.Plain, CompareSample.Result(CompareSample.Point())).ShouldBe("""
            blocking-read, async: 100 URLs, 64 at once (lab), 5 rounds each after 1 of
            warm-up
            blocking-read took 10.0 times as long as async (10.0-10.0): blocking-read's loop
            stood in read() for 96 % of the run.

            wall                                           median  times blocking-read
            blocking-read  ██████████████████████████████  10.0 s
            async          ███                             1.00 s  0.10 (0.10-0.10)

            CPU                                            median  times blocking-read
            blocking-read  ██████████████████████████████  200 ms
            async          ██████████████████████████████  200 ms  1.00 (1.00-1.00)

            cost             user   system   vol.  invol.    memory  calls/URL  bytes/read
            blocking-read  150 ms  50.0 ms  1,000      10  20.0 MiB          3     525 KiB
            async          150 ms  50.0 ms  1,000      10  20.0 MiB          3     525 KiB

            stalls         client stall  parallelism lost  worst blocker, and its cost
            blocking-read       90.0 ms              96 %  blocking read of transfer 1,
                                                           90.0 ms
            async               90.0 ms               0 %  blocking read of transfer 1,
                                                           90.0 ms

            calls/URL
            blocking-read  recvfrom 2, sendto 1
            async          recvfrom 2, sendto 1

            Linux 6.1.0, 2 x x64; fetcher 0.1.0

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void Nothing_is_wider_than_80_columns()
    {
        var first = Extreme(AllModes[0], null);
        var point = new ComparisonPoint(null, [first, .. AllModes.Skip(1).Select(name => Extreme(name, first))]);
        var swept = Enumerable.Range(1, 3).Select(i => point with { Value = i * 1000 }).ToArray();

        foreach (var result in (ComparisonResult[])[CompareSample.Result(point), CompareSample.Result(swept)])
        {
            Table(TerminalStyle.Plain, result).Split('\n').ShouldAllBe(line => line.Length <= 80);
        }
    }

    [Fact]
    public void A_sweep_has_a_row_for_each_mode_and_value()
    {
        var table = Table(TerminalStyle.Plain, CompareSample.Result(CompareSample.Point(10), CompareSample.Point(1000)));

        table.Split('\n').Count(line => line.StartsWith("1000         blocking-read", StringComparison.Ordinal)).ShouldBe(2);
        table.ShouldContain("CPU a URL");
    }

    [Fact]
    public void Only_a_terminal_that_has_colours_gets_them()
    {
        var result = CompareSample.Result(CompareSample.Point());

        Table(new TerminalStyle(IsTerminal: true, Color: true, Width: 80), result).ShouldContain("\u001b[");
        Table(new TerminalStyle(IsTerminal: true, Color: false, Width: 80), result).ShouldNotContain("\u001b");
        Table(TerminalStyle.Plain, result).ShouldNotContain("\u001b");
    }

    [Fact]
    public void What_a_URL_contains_moves_no_cursor()
    {
        var round = CompareSample.Round(failed: 1) with { Failures = ["http://a/\u001b[2J: no"] };
        var first = CompareSample.Mode("async", null, [1, 1, 1], _ => round);

        Table(TerminalStyle.Plain, CompareSample.Result(new ComparisonPoint(null, [first]))).ShouldContain("http://a/\\u{1b}[2J: no");
    }

    private static ModeSample Extreme(string name, ModeSample? first) => CompareSample.Mode(name, first, [1234, 2345, 3456], wall =>
    {
        var round = CompareSample.Round(wall, cpu: 0.0123 * wall);
        return round with { Cost = round.Cost with { VoluntaryContextSwitches = 99_999, MaxRssBytes = 1023 << 20 } };
    });

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public void A_narrow_terminal_has_fewer_columns_and_whole_words(int width)
    {
        foreach (var result in new[] { CompareSample.Result(CompareSample.Point()), CompareSample.Result(CompareSample.Point(10), CompareSample.Point(1000)) })
        {
            var lines = Table(TerminalStyle.Plain with { Width = width }, result).Split('\n');

            lines.ShouldAllBe(line => line.Length <= width);
            lines.Count(line => line.Contains("blocking-read ", StringComparison.Ordinal) && line.Contains("10.0 s", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
        }
    }

    private static string Table(TerminalStyle style, ComparisonResult result) =>
        CompareSample.Written(new CompareTable(style).WriteTo, result);
}
