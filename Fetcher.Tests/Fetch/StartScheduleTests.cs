using Fetcher.Core.Fetch;

namespace Fetcher.Tests.Fetch;

/// <summary>When transfers start under a rate, and when they were due, in milliseconds from 1000 on: one every 200, and 4 more.</summary>
public sealed class StartScheduleTests
{
    private readonly StartSchedule _starts = new(TimeSpan.FromMilliseconds(200), firstStart: 1000 * Millisecond);

    private const long Millisecond = 1_000_000;

    [Fact]
    public void Starts_are_due_at_even_times_and_wait_for_them()
    {
        long[] places = [Take(1000), Take(1000), Take(1000)];

        TryStart(places[0], 1000).ShouldBe((true, 1000));
        TryStart(places[1], 1000).ShouldBe((false, 1204));
        TryStart(places[1], 1204).ShouldBe((true, 1204));
        TryStart(places[2], 1204).ShouldBe((false, 1408));
        TryStart(places[2], 1408).ShouldBe((true, 1408));
    }

    [Fact]
    public void What_was_due_while_slots_were_busy_was_late_and_starts_no_closer_for_that()
    {
        TryStart(Take(1000), 1000).ShouldBe((true, 1000));
        TryStart(Take(1900), 1900).ShouldBe((true, 1204));
        foreach (var (due, start) in ((long, long)[])[(1408, 2104), (1612, 2308), (1816, 2512)])
        {
            var place = Take(1900);
            TryStart(place, start - 1).ShouldBe((false, start));
            TryStart(place, start).ShouldBe((true, due));
        }

        // What came due after that is due when it may start: the slots have made up.
        TryStart(Take(2512), 2716).ShouldBe((true, 2716));
        TryStart(Take(2716), 2920).ShouldBe((true, 2920));
    }

    [Fact]
    public void While_slots_stay_busy_each_start_is_later_than_the_one_before()
    {
        for (var i = 0; i < 5; i++)
        {
            TryStart(Take(1000 + (300 * i)), 1000 + (300 * i)).ShouldBe((true, 1000 + (204 * i)));
        }
    }

    [Fact]
    public void A_timer_that_is_late_makes_the_next_start_later()
    {
        var (one, two, three) = (Take(1000), Take(1000), Take(1000));
        TryStart(one, 1000);
        TryStart(two, 1210).ShouldBe((true, 1204));

        TryStart(three, 1408).ShouldBe((false, 1414));
        TryStart(three, 1414).ShouldBe((true, 1414));
    }

    [Fact]
    public void One_that_is_overtaken_starts_no_closer_to_the_one_before_it()
    {
        var (one, two, three) = (Take(1000), Take(1000), Take(1000));
        TryStart(one, 1000);
        TryStart(three, 1408).ShouldBe((true, 1408));

        TryStart(two, 1405).ShouldBe((false, 1612));
        TryStart(two, 1612).ShouldBe((true, 1204));
    }

    [Fact]
    public void Where_starts_are_closer_than_timers_can_tell_a_little_is_made_up()
    {
        var starts = new StartSchedule(TimeSpan.FromMilliseconds(1), firstStart: 0);
        long[] places = [.. Enumerable.Range(0, 5).Select(_ => starts.TakePlace(0, 0))];

        places.Count(place => starts.TryStart(place, 5 * Millisecond, out _)).ShouldBe(5);

        starts.TryStart(starts.TakePlace(5 * Millisecond, 0), 5 * Millisecond, out var moment).ShouldBeFalse();
        moment.ShouldBe(5_100_000);
    }

    [Fact]
    public void A_start_is_due_no_sooner_than_something_else_lets_it_and_the_next_an_interval_later()
    {
        TryStart(Take(1000, notBefore: 1040), 1040).ShouldBe((true, 1040));
        TryStart(Take(1040), 1244).ShouldBe((true, 1244));
    }

    [Fact]
    public void What_has_let_it_start_already_does_not_make_it_due_later() => Take(1500, notBefore: 1500).ShouldBe(1000);

    [Fact]
    public void While_somebody_has_nothing_to_start_a_start_is_due_when_it_is_asked_for()
    {
        _starts.BeginIdle();

        new[] { Take(5000), Take(5000), Take(6000) }.ShouldBe([5000, 5204, 6000]);
    }

    [Fact]
    public void After_a_time_with_nothing_to_start_starts_are_due_from_its_end_on()
    {
        _starts.BeginIdle();
        _starts.BeginIdle();
        _starts.EndIdle(now: 3000 * Millisecond);
        _starts.EndIdle(now: 2000 * Millisecond);

        new[] { Take(7000), Take(7000), Take(7000) }.ShouldBe([3000, 3204, 3408]);
    }

    [Fact]
    public void Each_place_is_taken_once()
    {
        var places = new long[1000];

        Parallel.For(0, places.Length, i => places[i] = Take(0));

        places.Order().ShouldBe(Enumerable.Range(0, places.Length).Select(i => 1000 + (204L * i)));
    }

    [Fact]
    public void Without_an_interval_there_is_no_limit() => new StartSchedule(TimeSpan.Zero, 0).IsOpen.ShouldBeTrue();

    private long Take(long now, long notBefore = 0) => _starts.TakePlace(now * Millisecond, notBefore * Millisecond) / Millisecond;

    private (bool Starts, long Moment) TryStart(long place, long now)
    {
        var starts = _starts.TryStart(place * Millisecond, now * Millisecond, out var moment);
        return (starts, moment / Millisecond);
    }
}
