using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class TimerQueueTests
{
    private readonly TimerQueue _timers = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void What_is_due_is_taken_in_the_order_of_its_moments()
    {
        Set("c", 300);
        Set("a", 100);
        Set("b", 200);

        FireUntil(99).ShouldBeEmpty();
        FireUntil(200).ShouldBe(["a", "b"]);
        FireUntil(1000).ShouldBe(["c"]);
    }

    [Fact]
    public void The_next_moment_is_that_of_the_first_timer()
    {
        _timers.Next.ShouldBe(LoopTimer.Never);
        Set("b", 200);
        Set("a", 100);

        _timers.Next.ShouldBe(100);
        FireUntil(100);
        _timers.Next.ShouldBe(200);
        FireUntil(200);
        _timers.Next.ShouldBe(LoopTimer.Never);
    }

    [Fact]
    public void A_timer_fires_once_until_it_is_set_again()
    {
        var timer = Set("a", 100);

        FireUntil(100).ShouldBe(["a"]);
        timer.Due.ShouldBe(LoopTimer.Never);
        FireUntil(1000).ShouldBeEmpty();
        timer.Set(1100);
        FireUntil(1100).ShouldBe(["a"]);
    }

    [Fact]
    public void One_that_is_moved_later_is_looked_at_in_vain_and_then_fires()
    {
        var timer = Set("a", 100);
        timer.Set(500);

        FireUntil(499).ShouldBeEmpty();
        FireUntil(500).ShouldBe(["a"]);
    }

    [Fact]
    public void One_that_is_moved_earlier_fires_then_and_not_again()
    {
        var timer = Set("a", 500);
        timer.Set(100);

        FireUntil(100).ShouldBe(["a"]);
        FireUntil(1000).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_is_stopped_does_not_fire()
    {
        Set("a", 100).Stop();

        FireUntil(1000).ShouldBeEmpty();
    }

    [Fact]
    public void One_that_is_set_for_a_past_moment_while_others_fire_is_due_at_once()
    {
        var second = _timers.Rent(() => _fired.Add("second"));
        _timers.Rent(() => second.Set(50)).Set(100);

        FireUntil(100).ShouldBe(["second"]);
    }

    [Fact]
    public void One_that_is_given_back_does_not_fire_for_its_last_user()
    {
        var timer = Set("a", 100);
        _timers.Return(timer);

        var next = Set("b", 200);

        next.ShouldBeSameAs(timer);
        FireUntil(1000).ShouldBe(["b"]);
    }

    [Fact]
    public void A_deadline_that_is_set_again_and_again_stays_one_entry()
    {
        var timer = _timers.Rent(() => { });
        for (var now = 0; now < 1000; now++)
        {
            timer.Set(now + 30_000);
            timer.Stop();
            FireUntil(now);
        }

        _timers.Count.ShouldBe(1);
    }

    [Fact]
    public void As_many_entries_as_timers_are_in_use_at_once_however_many_users_come()
    {
        for (var user = 0; user < 1000; user++)
        {
            var timer = Set("a", 1_000_000 + user);
            _timers.Return(timer);
        }

        _timers.Count.ShouldBe(1);
    }

    private LoopTimer Set(string name, long due)
    {
        var timer = _timers.Rent(() => _fired.Add(name));
        timer.Set(due);
        return timer;
    }

    /// <summary>What fires until <paramref name="now"/>.</summary>
    private string[] FireUntil(long now)
    {
        _fired.Clear();
        while (_timers.TakeDue(now) is { } timer)
        {
            timer.Fire();
        }

        return [.. _fired];
    }
}
