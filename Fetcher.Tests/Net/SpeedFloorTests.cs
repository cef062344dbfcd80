using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Net;

/// <summary>What the limit makes in the time has to come within it, again and again.</summary>
public sealed class SpeedFloorTests
{
    private const long Second = 1_000_000_000;

    private readonly SpeedFloor _floor = new(bytesPerSecond: 100, TimeSpan.FromSeconds(10));

    [Fact]
    public void Nothing_is_due_before_a_request() => _floor.Deadline.ShouldBe(LoopTimer.Never);

    [Fact]
    public void A_response_at_the_limit_goes_on_for_ever()
    {
        _floor.Begin(0);

        for (var now = Second; now < 1000 * Second; now += Second)
        {
            _floor.Ask(now - Second);
            _floor.Count(100, now);
            _floor.Deadline.ShouldBeGreaterThan(now);
        }
    }

    [Fact]
    public void One_below_it_is_over_after_the_time_and_not_before()
    {
        _floor.Begin(0);

        for (var now = Second; now < 10 * Second; now += Second)
        {
            _floor.Ask(now - Second);
            _floor.Count(99, now);
            _floor.Deadline.ShouldBe(10 * Second);
        }
    }

    [Fact]
    public void What_came_fast_at_first_is_no_excuse()
    {
        _floor.Begin(0);

        _floor.Count(1_000_000, 3 * Second);

        _floor.Deadline.ShouldBe(13 * Second);
    }

    [Fact]
    public void Time_in_which_nobody_asked_does_not_count()
    {
        _floor.Begin(0);
        _floor.Count(1, 2 * Second);

        _floor.Ask(62 * Second);

        _floor.Deadline.ShouldBe(70 * Second);
    }
}
