using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Timing;

public sealed class StallSpansTests
{
    [Fact]
    public void What_a_transfer_waited_for_its_loop_is_no_part_of_its_other_phases()
    {
        var result = new FetchResult
        {
            Attempts = 1,
            TimeConnect = 10_000,
            TimePreTransfer = 10_000,
            TimeStartTransfer = 500_000,
            TimeTotal = 900_000,
            ClientStall = 400_000,
            StallSpans = new StallSpans { Due = 7_000_000 },
        };
        result.StallSpans.Add(7_100_000, 7_400_000);
        result.StallSpans.Add(7_450_000, 7_550_000);

        PhaseDurations.Spent(result).ShouldBe(
            new PhaseDurations(0, 0, 0, Connect: 10_000, 0, Wait: 490_000 - 350_000, Receive: 400_000 - 50_000, Stall: 400_000));
        PhaseDurations.Of(result).Stall.ShouldBe(0);
    }

    [Fact]
    public void Any_number_of_stretches_takes_fixed_memory_and_adds_up() => Gen.Select(Gen.Int[1, 200_000], Gen.Int[1, 30_000]).Array[1, 500].Sample(steps =>
    {
        var (spans, at, sum) = (new StallSpans(), 0L, 0L);
        foreach (var (pause, length) in steps)
        {
            spans.Add(at + pause, at + pause + length);
            at += pause + length;
            sum += length;
        }

        spans.Within(0, at).ShouldBeInRange(sum - 100, sum + 100);
        var half = spans.Within(0, at / 2) + spans.Within(at / 2, at);
        half.ShouldBeInRange(sum - 100, sum + 100);
    });

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 1)]
    public void Time_for_robots_txt_is_a_phase_of_its_own(int attempts, int redirects)
    {
        var phases = PhaseDurations.Of(new FetchResult
        {
            Attempts = attempts,
            NumRedirects = redirects,
            RobotsTime = 60,
            TimeQueue = 10,
            TimeBegin = 100,
            TimeNameLookup = 101,
            TimeConnect = 102,
            TimePreTransfer = 102,
            TimeStartTransfer = 103,
            TimeTotal = 104,
        });

        phases.Robots.ShouldBe(60);
        (phases.Queue + phases.Earlier, phases.Dns, phases.Total).ShouldBe((40, 1, 104));
    }

    [Fact]
    public void A_transfer_that_ended_with_its_robots_txt_spent_its_time_there() => PhaseDurations.Of(new FetchResult
    {
        Error = new FetchError(FetchErrorKind.Robots, "not allowed", 9),
        RobotsTime = 90,
        TimeQueue = 5,
        TimeTotal = 100,
    }).ShouldBe(new PhaseDurations(Queue: 10, 0, 0, 0, 0, 0, 0, Robots: 90));
}
