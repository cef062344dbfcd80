using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>Starts at one host at an even rate.</summary>
public sealed class HostRateTests
{
    [Fact]
    public void Starts_are_an_interval_apart_however_fast_they_are_asked_for()
    {
        var rate = new HostRate(interval: 10);

        Enumerable.Range(0, 4).Select(_ => rate.Take(now: 5)).ShouldBe([5, 15, 25, 35]);
        rate.Next.ShouldBe(45);
    }

    [Fact]
    public void Time_in_which_nobody_asked_is_not_made_up_for()
    {
        var rate = new HostRate(interval: 10);
        rate.Take(now: 0);

        rate.Take(now: 100).ShouldBe(100);
        rate.Take(now: 100).ShouldBe(110);
    }
}
