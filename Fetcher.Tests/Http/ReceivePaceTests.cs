using Fetcher.Core.Exchange;

namespace Fetcher.Tests.Http;

/// <summary>What came is paid for with time before more is taken.</summary>
public sealed class ReceivePaceTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void A_second_of_bytes_costs_a_second()
    {
        var pace = new ReceivePace(1000);
        pace.Begin(5 * Second);

        for (var now = pace.DueAt; now < 6 * Second; now = pace.DueAt)
        {
            pace.Count(pace.MostAtOnce, now);
        }

        pace.MostAtOnce.ShouldBe(10);
        pace.DueAt.ShouldBe(6 * Second);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    [InlineData(50_000_000)]
    public void At_no_moment_has_more_come_than_the_rate_and_one_piece(long rate)
    {
        var pace = new ReceivePace(rate);
        pace.Begin(0);
        var received = 0L;

        // Each wait ends up to a millisecond late, as those of timers do.
        for (var now = 0L; now < 3 * Second; now = Math.Max(now, pace.DueAt) + (received % 1_000_000))
        {
            received += pace.MostAtOnce;
            pace.Count(pace.MostAtOnce, now);
            received.ShouldBeLessThanOrEqualTo((long)(rate * (now / 1e9)) + pace.MostAtOnce + 1);
        }

        received.ShouldBeGreaterThan((long)(3 * rate * 0.97));
    }

    [Fact]
    public void A_pause_of_the_server_is_not_made_up_for()
    {
        var pace = new ReceivePace(1000);
        pace.Begin(0);

        pace.Count(1000, 10 * Second);

        pace.DueAt.ShouldBeInRange(10 * Second, 11 * Second);
        pace.DueAt.ShouldBeGreaterThan((long)(10.8 * Second));
    }

    [Fact]
    public void The_slowest_rate_takes_a_byte_at_a_time() => new ReceivePace(1).MostAtOnce.ShouldBe(1);
}
