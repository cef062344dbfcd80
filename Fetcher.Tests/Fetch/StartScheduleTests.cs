using Fetcher.Core.Fetch;

namespace Fetcher.Tests.Fetch;

/// <summary>When starts are due under a rate, in nanoseconds: one every 100, from 1000 on.</summary>
public sealed class StartScheduleTests
{
    private readonly StartSchedule _starts = new(TimeSpan.FromTicks(1), firstStart: 1000);

    [Fact]
    public void Starts_are_due_at_even_times_whenever_somebody_asks() =>
        Take(1000, 1000, 5000).ShouldBe([1000, 1100, 1200]);

    [Fact]
    public void A_start_is_due_no_sooner_than_something_else_lets_it_and_the_next_an_interval_later()
    {
        _starts.TakePlace(now: 1000, notBefore: 1040).ShouldBe(1040);
        _starts.TakePlace(now: 1000, notBefore: 0).ShouldBe(1140);
    }

    [Fact]
    public void What_has_let_it_start_already_does_not_make_it_due_later() => _starts.TakePlace(now: 1500, notBefore: 1500).ShouldBe(1000);

    [Fact]
    public void While_somebody_has_nothing_to_start_a_start_is_due_when_it_is_asked_for()
    {
        _starts.BeginIdle();

        Take(5000, 5000, 6000).ShouldBe([5000, 5100, 6000]);
    }

    [Fact]
    public void After_a_time_with_nothing_to_start_starts_are_due_from_its_end_on()
    {
        _starts.BeginIdle();
        _starts.BeginIdle();
        _starts.EndIdle(now: 3000);
        _starts.EndIdle(now: 2000);

        Take(7000, 7000, 7000).ShouldBe([3000, 3100, 3200]);
    }

    [Fact]
    public void Each_place_is_taken_once()
    {
        var places = new long[1000];

        Parallel.For(0, places.Length, i => places[i] = _starts.TakePlace(now: 0, notBefore: 0));

        places.Order().ShouldBe(Enumerable.Range(0, places.Length).Select(i => 1000 + (100L * i)));
    }

    [Fact]
    public void Without_an_interval_there_is_no_limit() => new StartSchedule(TimeSpan.Zero, 0).IsOpen.ShouldBeTrue();

    private long[] Take(params ReadOnlySpan<long> moments) => [.. moments.ToArray().Select(now => _starts.TakePlace(now, notBefore: 0))];
}
