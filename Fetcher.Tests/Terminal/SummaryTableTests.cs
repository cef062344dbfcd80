using Fetcher.Core;
using Fetcher.Terminal;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Terminal;

public sealed class SummaryTableTests
{
    private static readonly TerminalStyle Color = new(IsTerminal: true, Color: true, Width: 80);
    private static readonly TerminalStyle NoColor = new(IsTerminal: true, Color: false, Width: 80);

    [Fact]
    public void A_report_leads_with_the_outcome_and_shows_times_failures_and_cost() =>
        Table(TerminalStyle.Plain, Sample.Result(), Sample.Result(1), Sample.Failed(2)).ShouldBe("""
            2.000 s: 2 ok, 1 failed, 1.5 requests/s, 2.4 KiB, 1.2 KiB/s, async (lab)
            65 % of the transfers' time went to receiving bodies, 33 % to waiting for the
            first byte.

            ms                    min   mean    p50    p90    p95    p99  p99.9    max
            time_queue           0.00   0.00   0.00   0.00   0.00   0.00   0.00   0.00
            time_namelookup      1.00   1.00   1.00   1.00   1.00   1.00   1.00   1.00
            time_connect         2.00   2.00   2.00   2.00   2.00   2.00   2.00   2.00
            time_appconnect      0.00   0.00   0.00   0.00   0.00   0.00   0.00   0.00
            time_pretransfer     2.00   2.00   2.00   2.00   2.00   2.00   2.00   2.00
            time_starttransfer 103.00 103.00 103.00 103.00 103.00 103.00 103.00 103.00
            time_total           4.00 202.00 299.89 301.00 301.00 301.00 301.00 301.00

            connect: 1 failed
              http://b/  connection refused

            CPU           0.250 s user, 0.125 s system
            memory        20.0 MiB at most
            switches      1,000 voluntary, 10 involuntary
            requests      5 connections opened, 0 redirects, 2 retries
            statuses      200: 2
            slowest host  a, 0.301 s
            machine       Linux 6.1.0, 2 x x64; fetcher 0.1.0

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_time_that_no_URL_reached_has_no_numbers() =>
        Table(TerminalStyle.Plain, Sample.Failed())
            .ShouldContain("time_starttransfer      -      -      -      -      -      -      -      -\n");

    [Fact]
    public void A_run_without_results_is_reported() =>
        Table(TerminalStyle.Plain).ShouldStartWith("2.000 s: 0 ok, 0 failed, 0.0 requests/s, 0 B, 0 B/s, async (lab)\n\nms ");

    [Fact]
    public void Many_failures_are_counted_and_ten_shown()
    {
        var table = Table(TerminalStyle.Plain, [.. Enumerable.Range(0, 1234).Select(index => Sample.Failed(index, $"http://b/{index}"))]);
        table.ShouldContain("connect: 1,234 failed\n  http://b/0  connection refused\n");
        table.ShouldContain("  http://b/9  connection refused\n  and 1,224 more\n");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void Nothing_is_wider_than_the_terminal(int width)
    {
        var failed = Sample.Failed(1, "http://b/" + new string('x', 300), message: string.Concat(Enumerable.Repeat("many words ", 50)));
        var table = Table(TerminalStyle.Plain with { Width = width }, Sample.Result(), failed);
        table.Split('\n').ShouldAllBe(line => line.Length <= width);
        table.Replace("\n", "", StringComparison.Ordinal).Count(c => c == 'x').ShouldBeGreaterThanOrEqualTo(300);
    }

    [Theory]
    [InlineData(40, "p50 p99 max")]
    [InlineData(60, "mean p50 p90 p95 p99 max")]
    [InlineData(80, "min mean p50 p90 p95 p99 p99.9 max")]
    [InlineData(100, "min mean p50 p90 p95 p99 p99.9 p99.99 max")]
    public void A_narrow_terminal_has_fewer_columns(int width, string columns)
    {
        var header = Table(TerminalStyle.Plain with { Width = width }, Sample.Result()).Split('\n').First(line => line.StartsWith("ms ", StringComparison.Ordinal));
        string.Join(' ', header.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]).ShouldBe(columns);
    }

    [Fact]
    public void Facts_that_do_not_fit_are_wrapped_in_their_column() =>
        Table(TerminalStyle.Plain with { Width = 40 }, Sample.Result()).ShouldEndWith("""
            switches      1,000 voluntary, 10
                          involuntary
            requests      1 connections opened, 0
                          redirects, 0 retries
            statuses      200: 1
            slowest host  a, 0.301 s
            machine       Linux 6.1.0, 2 x x64;
                          fetcher 0.1.0

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void Without_colour_there_is_no_escape_sequence()
    {
        FetchResult[] results = [Sample.Result(), Sample.Failed(1)];
        Table(NoColor, results).ShouldBe(Table(TerminalStyle.Plain, results));
        Table(NoColor, results).ShouldNotContain("\u001b");
    }

    [Fact]
    public void With_colour_failures_stand_out() => Table(Color, Sample.Result(), Sample.Failed(1)).ShouldContain("\u001b[1;91m1 failed");

    [Fact]
    public void Text_from_outside_cannot_steer_the_terminal()
    {
        var failed = Sample.Failed(0, "http://b/\u001b[2J[red]", message: "\u009b31m \a\r\n [/] \u202e");
        foreach (var style in new[] { Color, NoColor })
        {
            var table = Table(style, failed);
            table.ShouldContain(@"http://b/\u{1b}[2J[red]");
            table.ShouldContain(@"\u{9b}31m \u{7}\u{d}\u{a} [/] \u{202e}");
            table.ShouldNotContain("\u001b[2J");
        }
    }

    private static string Table(TerminalStyle style, params FetchResult[] results) =>
        Sample.WriteAll(new SummaryTable(style), Sample.Run("lab"), results);
}
