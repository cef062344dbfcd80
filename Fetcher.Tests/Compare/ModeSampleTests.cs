using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class ModeSampleTests
{
    [Fact]
    public void The_first_mode_has_no_ratio() => CompareSample.Point().Modes[0].RatioTo(Figure.Wall).ShouldBeNull();

    [Fact]
    public void Rounds_are_paired_by_their_number_and_a_lost_one_takes_its_partner_with_it()
    {
        var first = CompareSample.Mode("a", null, [1, 100, 2, 3]);
        var second = new ModeSample(
            "b",
            [Measured(1, 2), new RoundOutcome(2, null, "lost"), Measured(3, 4), Measured(4, 6)],
            first);

        second.RatioTo(Figure.Wall)!.Value.ShouldBe(2);
        second.RatioTo(Figure.Wall)!.Low!.Value.ShouldBe(2);
    }

    [Theory]
    [InlineData(0.0004, false)]
    [InlineData(0.4, true)]
    public void A_figure_below_what_its_clock_can_tell_apart_has_no_ratio(double cpu, bool hasRatio)
    {
        var first = CompareSample.Mode("a", null, [1, 2, 3]);
        var second = CompareSample.Mode("b", first, [1, 2, 3], wall => CompareSample.Round(wall, cpu));

        (second.RatioTo(Figure.Cpu) is not null).ShouldBe(hasRatio);
        (second.RatioTo(Figure.CpuUser) is not null).ShouldBe(hasRatio);
        (second.RatioTo(Figure.CpuPerUrl) is not null).ShouldBe(hasRatio);
        second.RatioTo(Figure.Wall).ShouldNotBeNull();
    }

    [Fact]
    public void System_calls_are_medians_a_URL_the_most_frequent_first()
    {
        var calls = CompareSample.Mode("a", null, [3, 5, 9], wall => CompareSample.Round(callsPerUrl: (long)wall)).SystemCalls();

        calls.ShouldBe([("recvfrom", 4), ("sendto", 1)]);
    }

    [Fact]
    public void A_mode_that_leaves_its_calls_to_a_library_has_none()
    {
        var mode = CompareSample.Mode("httpclient", null, [1], wall => CompareSample.Round(wall) with { SystemCalls = null });

        mode.SystemCalls().ShouldBeEmpty();
        mode.SpreadOf(Figure.SyscallsPerUrl).ShouldBeNull();
        mode.SpreadOf(Figure.WouldBlock).ShouldBeNull();
    }

    [Fact]
    public void Reads_that_said_EAGAIN_are_not_reads_of_bytes() =>
        Figure.BytesPerRead.Of(CompareSample.Round() with { BytesReceived = 1950 }).ShouldBe(1950 / 195.0);

    [Fact]
    public void The_typical_round_is_the_one_nearest_to_the_median() =>
        CompareSample.Mode("a", null, [5, 1, 2, 2.2, 9]).Typical()!.Cost.Wall.TotalSeconds.ShouldBe(2.2);

    [Fact]
    public void The_share_in_blocking_reads_is_that_of_a_thread()
    {
        var round = CompareSample.Round(wall: 2) with { Blocked = 3_000_000_000, BlockedThreads = 3 };

        round.BlockedShare!.Value.ShouldBe(0.5);
    }

    private static RoundOutcome Measured(int number, double wall) => new(number, CompareSample.Round(wall), null);
}
