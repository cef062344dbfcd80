using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Terminal;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Terminal;

public sealed class TerminalWaterfallTests
{
    [Fact]
    public void Each_transfer_is_drawn_at_its_place_in_time_with_a_sign_for_each_phase() =>
        Waterfall(80, At(0, 0, 2000, "http://a/1"), At(1, 1000, 500, "http://a/2"), Failed(2, 1500)).ShouldBe("""
            Every transfer, one row each, in the order they were due.
                    0 s            500 ms          1 s            1.5 s           2 s
            0 a/1   ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░███████████████████████████████    2.00 s
            1 a/2                                  ░░░░░░░░███████                    500 ms
            2 b/                                                  -                   failed
            - earlier  ░ wait  █ receive

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void A_stall_is_hatched_and_the_transfer_it_waited_behind_is_named()
    {
        var sample = new TransferSample(TerminalWaterfall.MostRows, others: 0);
        var text = WatchedSample.Write(new SummaryTable(TerminalStyle.Plain, sample), WatchedSample.Results());

        var lines = text.Split('\n');
        lines.Single(line => line.StartsWith("1 b/", StringComparison.Ordinal)).ShouldMatch("░╱+█+ .* < 0$");
        lines.Single(line => line.StartsWith("0 a/", StringComparison.Ordinal)).ShouldContain("▚");
        text.ShouldContain("╱ could go on, and waits for its loop");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void No_line_is_wider_than_the_terminal(int width)
    {
        var text = Waterfall(width, At(123456, 0, 1999, "http://a/" + new string('x', 200)), At(7, 0, 5, "http://a/\u6f22\u5b57" + new string('\u6f22', 90)));

        text.Split('\n').Select(Width).Max().ShouldBeLessThanOrEqualTo(width);
        text.ShouldContain("…");
    }

    [Fact]
    public void The_shortest_transfer_is_seen() => Waterfall(80, At(0, 700, 0.001, "http://a/")).ShouldMatch(@"\n0 a/ +█ +1\.00 µs\n");

    [Fact]
    public void Only_the_slowest_are_drawn()
    {
        var text = Waterfall(80, [.. Enumerable.Range(0, 100).Select(i => At(i, i, i + 1, $"http://a/{i}"))]);

        text.ShouldContain("The 32 slowest of 100 transfers, in the order they were due.");
        text.ShouldContain("99 a/99");
        text.ShouldNotContain("67 a/67");
    }

    [Fact]
    public void Text_from_outside_cannot_steer_the_terminal() =>
        Waterfall(80, At(0, 0, 10, "http://a/\u001b[2J[red]")).ShouldContain(@"0 a/\u{1b}[2J[red]");

    private static int Width(string line) => line.EnumerateRunes().Sum(rune => rune.Value >= 0x1100 && rune.Value is not (>= 0x2000 and < 0x2700) ? 2 : 1);

    private static string Waterfall(int width, params FetchResult[] results)
    {
        var sample = new TransferSample(TerminalWaterfall.MostRows, others: 0);
        var text = Sample.WriteAll(new SummaryTable(TerminalStyle.Plain with { Width = width }, sample), Sample.Run(), results);
        return text[(text.IndexOf("fetcher 0.1.0", StringComparison.Ordinal) + "fetcher 0.1.0\n\n".Length)..];
    }

    /// <summary>A transfer that waits for half of its time, in milliseconds.</summary>
    private static FetchResult At(long index, double start, double total, string url)
    {
        var result = Sample.Result(index, url);
        result.Start = (long)(start * Sample.Millisecond);
        result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer = 0;
        result.TimeTotal = (long)(total * Sample.Millisecond);
        result.TimeStartTransfer = result.TimeTotal < 10 * Sample.Millisecond ? 1 : result.TimeTotal / 2;
        return result;
    }

    private static FetchResult Failed(long index, double start)
    {
        var result = Sample.Failed(index);
        result.Start = (long)(start * Sample.Millisecond);
        return result;
    }
}
