using Fetcher.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Terminal;

public sealed class RateMeterTests
{
    [Fact]
    public void The_first_sample_is_measured_from_the_beginning()
    {
        var time = new FakeTimeProvider();
        var rate = new RateMeter(time);
        time.Advance(TimeSpan.FromSeconds(2));
        rate.Sample(100);
        rate.PerSecond.ShouldBe(50);
    }

    [Fact]
    public void The_rate_is_that_of_the_last_five_seconds()
    {
        var time = new FakeTimeProvider();
        var rate = new RateMeter(time);
        var count = 0L;
        Run(seconds: 10, perSecond: 1000);
        rate.PerSecond.ShouldBe(1000, 1);
        Run(seconds: 2.5, perSecond: 0);
        rate.PerSecond.ShouldBe(500, 25);
        Run(seconds: 5, perSecond: 0);
        rate.PerSecond.ShouldBe(0);

        void Run(double seconds, long perSecond)
        {
            for (var tick = 0; tick < seconds * 10; tick++)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                rate.Sample(count += perSecond / 10);
            }
        }
    }

    [Fact]
    public void Samples_further_apart_than_the_window_still_make_a_rate()
    {
        var time = new FakeTimeProvider();
        var rate = new RateMeter(time);
        rate.Sample(0);
        time.Advance(TimeSpan.FromSeconds(10));
        rate.Sample(100);
        rate.PerSecond.ShouldBe(10);
    }
}
