using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>How far apart starts are, whatever delays them.</summary>
public sealed class StartSpacingTests
{
    private const long Millisecond = 1_000_000, Second = 1000 * Millisecond;

    public static TheoryData<int> Rates => [1, 5, 20, 21, 100, 200, 201, 1000, 10_000];

    [Fact]
    public void A_late_start_is_followed_no_sooner_than_any_other()
    {
        var spacing = new StartSpacing(200 * Millisecond);
        Enumerable.Range(0, 3).Select(_ => Start(spacing, 0)).ShouldBe([0, 204, 408]);

        Start(spacing, 700).ShouldBe(700);
        Start(spacing, 700).ShouldBe(904);
    }

    [Theory, MemberData(nameof(Rates))]
    public void No_second_has_more_than_asked_however_late_starts_are(int rate)
    {
        foreach (var latest in (long[])[0, Millisecond, 10 * Millisecond, 100 * Millisecond, Second])
        {
            var starts = StartsOf(rate, latest, count: 3 * rate + 20);
            var seconds = starts.Zip(starts.Skip(rate), (first, next) => next - first);
            seconds.Min().ShouldBeGreaterThanOrEqualTo(Second, $"{rate}/s, up to {latest} ns late");
        }
    }

    [Theory]
    [InlineData(5, 1.0)]
    [InlineData(20, 1.0)]
    [InlineData(21, 0.75)]
    [InlineData(200, 0.75)]
    [InlineData(1000, 0.0)]
    public void A_gap_is_hardly_shorter_than_the_interval(int rate, double part)
    {
        var starts = StartsOf(rate, latest: 2 * Second / rate, count: 1000);

        starts.Zip(starts.Skip(1), (one, next) => next - one).Min().ShouldBeGreaterThanOrEqualTo((long)(part * Second / rate));
    }

    [Theory, MemberData(nameof(Rates))]
    public void The_rate_is_nearly_reached_by_timers_that_are_a_millisecond_late(int rate)
    {
        var starts = StartsOf(rate, latest: Millisecond, count: 20 * rate + 1);

        ((starts.Length - 1) * (double)Second / (starts[^1] - starts[0])).ShouldBeInRange(0.95 * rate, rate);
    }

    private static long Start(StartSpacing spacing, long milliseconds)
    {
        var moment = Math.Max(spacing.Earliest, milliseconds * Millisecond);
        spacing.TryPass(spacing.Earliest - 1).ShouldBeFalse();
        spacing.TryPass(moment).ShouldBeTrue();
        return moment / Millisecond;
    }

    /// <summary>Starts that each come by chance so much later than they may at most.</summary>
    private static long[] StartsOf(int rate, long latest, int count)
    {
        var (spacing, chance, now) = (new StartSpacing(Second / rate), new Random(rate), 1000 * Second);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            now = Math.Max(now, spacing.Earliest + chance.NextInt64(latest + 1));
            spacing.TryPass(now).ShouldBeTrue();
            return now;
        })];
    }
}
