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

        pace.MostAtOnce.ShouldBe(125);
        pace.DueAt.ShouldBe(6 * Second);
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
