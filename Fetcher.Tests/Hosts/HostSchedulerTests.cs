using Fetcher.Core;
using Fetcher.Core.Hosts;

namespace Fetcher.Tests.Hosts;

/// <summary>Whose turn it is.</summary>
public sealed class HostSchedulerTests
{
    private static readonly FetchOptions One = new() { PerHost = 1 };
    private static readonly FetchOptions Five = new() { StartIntervalPerHost = TimeSpan.FromMilliseconds(200) };
    private static readonly FetchOptions Four = new() { PerHost = 4 };

    [Fact]
    public void It_is_off_until_an_option_or_a_host_asks_for_it()
    {
        new HostRun(new FetchOptions()).Scheduler.IsOn.ShouldBeFalse();
        new HostRun(One).Scheduler.IsOn.ShouldBeTrue();
        new HostRun(new FetchOptions { Adaptive = true }).Scheduler.IsOn.ShouldBeTrue();
        new HostRun(new FetchOptions { StartIntervalPerHost = TimeSpan.FromSeconds(1) }).Scheduler.IsOn.ShouldBeTrue();

        var run = new HostRun(new FetchOptions());
        run.Scheduler.Hold(new HostPlace(), "http://a"u8, TimeSpan.FromSeconds(1), run.Now);
        run.Scheduler.IsOn.ShouldBeTrue();
    }

    [Fact]
    public void A_host_at_its_limit_leaves_the_slots_to_others()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://c/1");

        var first = run.Take();
        first.Line.ShouldBe("a/1");
        run.TakeAll().ShouldBe("b/1 c/1");
        run.Take().Status.ShouldBe(TakeStatus.Empty);

        first.Leave();
        first.TakeNext().Line.ShouldBe("a/2");
        run.Take().Status.ShouldBe(TakeStatus.Empty);
    }

    [Fact]
    public void The_host_with_the_least_under_way_is_next_then_the_one_that_has_waited_longest() =>
        new HostRun(Four, "http://a/1", "http://a/2", "http://a/3", "http://b/1", "http://b/2", "http://c/1", "http://a/4")
            .TakeAll().ShouldBe("a/1 b/1 c/1 a/2 b/2 a/3 a/4");

    [Fact]
    public void A_host_is_a_scheme_a_name_and_a_port() =>
        new HostRun(One, "http://a/1", "http://A:80/2", "http://a:81/3", "https://a/4").TakeAll().ShouldBe("a/1 a:81/3 https://a/4");

    [Fact]
    public void Lines_that_are_no_URLs_ask_nobody_and_wait_for_nobody() =>
        new HostRun(One with { StartIntervalPerHost = TimeSpan.FromSeconds(1) }, "no url", "neither is this", "http://a/1")
            .TakeAll().ShouldBe("no url a/1 neither is this");

    [Fact]
    public void Starts_at_one_host_are_spaced_by_its_rate()
    {
        var run = new HostRun(new FetchOptions { StartIntervalPerHost = TimeSpan.FromSeconds(1) }, "http://a/1", "http://a/2", "http://a/3", "http://b/1");
        var start = run.Now;

        run.Take().Due.ShouldBe(start);
        run.Take().Line.ShouldBe("b/1");
        run.Take().Status.ShouldBe(TakeStatus.Empty);

        // A slot may take it a little before, and waits for the moment by itself.
        run.Clock.Advance(TimeSpan.FromSeconds(1.02) - Nanoseconds.ToTimeSpan(HostQueue.EarlyStart));
        run.Take().Due.ShouldBe(start + 1_020_000_000, "a fiftieth more than was asked");
        run.Take().Status.ShouldBe(TakeStatus.Empty);

        // Time in which nobody asked is not made up for.
        run.Clock.Advance(TimeSpan.FromSeconds(10));
        run.Take().Due.ShouldBe(run.Now);
    }

    [Fact]
    public void A_start_that_is_late_is_followed_no_sooner_than_any_other()
    {
        var run = new HostRun(Five, "http://a/1", "http://a/2", "http://a/3");
        run.Take();
        run.Request("http://a/1").ShouldBe(0);
        run.Clock.Advance(TimeSpan.FromMilliseconds(204));
        run.Take().Line.ShouldBe("a/2");

        // Its slot, or its connection, takes so long.
        run.Clock.Advance(TimeSpan.FromMilliseconds(150));
        run.Request("http://a/2").ShouldBe(0);

        run.Take().Status.ShouldBe(TakeStatus.Empty);
        run.Clock.Advance(TimeSpan.FromMilliseconds(200));
        var third = run.Take();
        (third.Line, third.Due - run.Now).ShouldBe(("a/3", 4_000_000));
        run.Request("http://a/3").ShouldBe(4_000_000);
    }

    [Fact]
    public void What_is_sent_to_a_host_without_a_place_there_counts_and_waits_for_its_turn()
    {
        var run = new HostRun(Five, "http://a/1", "http://a/2", "http://a/3");
        run.Take();
        run.Request("http://a/1").ShouldBe(0);

        // As a redirect or robots.txt is; a line comes after it, and waits outside the slots.
        run.Request("http://a/elsewhere").ShouldBe(204_000_000);
        run.Clock.Advance(TimeSpan.FromMilliseconds(204));
        run.Take().Status.ShouldBe(TakeStatus.Empty);
        run.Clock.Advance(TimeSpan.FromMilliseconds(204));
        run.Take().Line.ShouldBe("a/2");

        run.Request("http://b/nobody-waits").ShouldBe(0);
        run.Request("http://b/nobody-waits").ShouldBe(204_000_000);
    }

    [Fact]
    public void A_line_that_asks_for_nothing_gives_its_turn_to_nobody()
    {
        var run = new HostRun(Five, "http://a/1", "http://a/2");
        run.Take().Leave();

        run.Request("http://a/elsewhere").ShouldBe(204_000_000);
    }

    [Fact]
    public void Whoever_rests_is_called_when_the_moment_of_a_host_comes()
    {
        var run = new HostRun(new FetchOptions { StartIntervalPerHost = TimeSpan.FromSeconds(1) }, "http://a/1", "http://a/2");
        run.Take();
        run.Take();
        var calls = 0;
        run.Scheduler.NotifyWhenReady(() => calls++);

        run.Clock.Advance(TimeSpan.FromSeconds(0.9));
        calls.ShouldBe(0);
        run.Clock.Advance(TimeSpan.FromSeconds(0.12));
        calls.ShouldBe(1);
        run.Take().Line.ShouldBe("a/2");
    }

    [Fact]
    public void Whoever_takes_calls_the_next_and_the_end_calls_all()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2", "http://b/1", "http://b/2");
        var (a, b) = (run.Take(), run.Take());
        int first = 0, second = 0;
        run.Scheduler.NotifyWhenReady(() => first++);
        run.Scheduler.NotifyWhenReady(() => second++);

        a.Leave();
        b.Leave();
        run.Scheduler.PassOn();
        (first, second).ShouldBe((1, 0));

        // As slots do that take nothing more themselves: each call stands for one line.
        run.Take().Line.ShouldBe("a/2");
        (first, second).ShouldBe((1, 1));
        run.Scheduler.NotifyWhenReady(() => first++);
        first.ShouldBe(2);
        run.Take().Line.ShouldBe("b/2");
        run.Take().Status.ShouldBe(TakeStatus.End);
        run.Scheduler.NotifyWhenReady(() => second++);
        second.ShouldBe(2);
    }

    [Fact]
    public void All_who_rest_are_called_when_the_last_line_is_taken()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2");
        var first = run.Take();
        var calls = 0;
        run.Scheduler.NotifyWhenReady(() => calls++);
        run.Scheduler.NotifyWhenReady(() => calls++);

        first.Leave();
        first.TakeNext().Line.ShouldBe("a/2");

        calls.ShouldBe(2);
    }

    [Fact]
    public void A_host_that_asks_for_a_pause_gets_it_and_is_then_asked_by_one()
    {
        var run = new HostRun(new FetchOptions { Concurrency = 8 }, "http://a/1", "http://a/2", "http://a/3", "http://a/4", "http://a/5", "http://b/1");
        var first = run.Take();

        run.Scheduler.Hold(first.Place, "http://a"u8, TimeSpan.FromSeconds(5), run.Now);
        first.Leave(wentWell: false);
        run.TakeAll().ShouldBe("b/1");

        run.Clock.Advance(TimeSpan.FromSeconds(4.9));
        run.TakeAll().ShouldBe("");
        run.Clock.Advance(TimeSpan.FromSeconds(0.1));
        first.TakeNext().Line.ShouldBe("a/2");
        run.TakeAll().ShouldBe("");

        // More at once as that goes well.
        first.Leave();
        run.TakeAll().ShouldBe("a/3 a/4");
    }

    [Fact]
    public void A_shorter_pause_does_not_end_a_longer_one()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2");
        var slot = run.Take();
        run.Scheduler.Hold(slot.Place, "http://a"u8, TimeSpan.FromSeconds(5), run.Now);
        run.Scheduler.Hold(slot.Place, "http://a"u8, TimeSpan.FromSeconds(1), run.Now);
        slot.Leave(wentWell: false);

        run.Clock.Advance(TimeSpan.FromSeconds(2));
        run.TakeAll().ShouldBe("");
        run.Clock.Advance(TimeSpan.FromSeconds(3));
        run.TakeAll().ShouldBe("a/2");
    }

    [Fact]
    public void Waiting_is_worth_it_when_the_host_has_served_others_meanwhile()
    {
        var run = new HostRun(Four, "http://a/1", "http://a/2", "http://a/3");
        var (first, second) = (run.Take(), run.Take());

        Hold().ShouldBeFalse();
        second.Leave(wentWell: false);
        Hold().ShouldBeFalse();
        run.Clock.Advance(TimeSpan.FromSeconds(1));
        first.Leave(wentWell: false);
        second.TakeNext().Leave();
        Hold().ShouldBeTrue();
        Hold().ShouldBeFalse();

        bool Hold() => run.Scheduler.Hold(first.Place, "http://a"u8, TimeSpan.FromSeconds(1), run.Now);
    }

    [Fact]
    public void What_a_slot_has_seen_for_one_line_counts_for_no_other()
    {
        var run = new HostRun(Four, "http://a/1", "http://a/2", "http://a/3");
        var (first, second) = (run.Take(), run.Take());
        second.Leave();
        run.Scheduler.Hold(first.Place, "http://a"u8, TimeSpan.FromSeconds(1), run.Now).ShouldBeTrue();
        first.Leave(wentWell: false);
        run.Clock.Advance(TimeSpan.FromSeconds(1));

        first.TakeNext().Line.ShouldBe("a/3");

        run.Scheduler.Hold(first.Place, "http://a"u8, TimeSpan.FromSeconds(1), run.Now).ShouldBeTrue();
    }

    [Fact]
    public void Of_those_that_return_the_one_that_was_started_first_goes_first_and_before_lines()
    {
        var run = new HostRun(Four with { PerHost = 2 }, "http://a/1", "http://a/2", "http://a/3");
        var (first, second) = (run.Take(), run.Take());
        run.Scheduler.Hold(first.Place, "http://a"u8, TimeSpan.FromSeconds(1), run.Now);
        first.Leave(wentWell: false);
        second.Leave(wentWell: false);
        var late = run.Scheduler.Return(second.Place, "http://a"u8);
        var early = run.Scheduler.Return(first.Place, "http://a"u8);

        run.Clock.Advance(TimeSpan.FromMilliseconds(1001));
        (early.IsCompleted, late.IsCompleted).ShouldBe((true, false));
        run.TakeAll().ShouldBe("");

        first.Leave();
        late.IsCompleted.ShouldBeTrue();
        second.Leave();
        run.TakeAll().ShouldBe("a/3");
    }

    [Fact]
    public void Whoever_gives_up_its_return_takes_no_place()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2");
        var first = run.Take();
        first.Leave();
        var second = run.Take();
        var waiting = run.Scheduler.Return(first.Place, "http://a"u8);

        run.Scheduler.GiveUp(first.Place);
        waiting.IsCanceled.ShouldBeTrue();
        second.Leave();
        first.Place.IsHeld.ShouldBeFalse();

        // Given up too late: the place has been given already, and goes back.
        var granted = run.Scheduler.Return(first.Place, "http://a"u8);
        (granted.IsCompletedSuccessfully, first.Place.IsHeld).ShouldBe((true, true));
        run.Scheduler.GiveUp(first.Place);
        first.Place.IsHeld.ShouldBeFalse();
        run.Scheduler.Return(second.Place, "http://a"u8).IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        var run = new HostRun(One, "http://a/1", "http://a/2", "http://a/3");
        var slot = run.Take();
        slot.Leave();
        slot.Leave();

        run.TakeAll().ShouldBe("a/2");
    }

    [Fact]
    public void With_adaptive_a_host_begins_with_two_and_gets_one_more_for_each_success()
    {
        var run = new HostRun(new FetchOptions { Adaptive = true, Concurrency = 8 }, [.. Enumerable.Range(1, 9).Select(i => $"http://a/{i}")]);
        var first = run.Take();
        run.TakeAll().ShouldBe("a/2");

        first.Leave();
        run.TakeAll().ShouldBe("a/3 a/4");
    }

    [Fact]
    public void A_host_that_is_asked_too_much_gets_nothing_more_until_it_has_room_again()
    {
        var run = new HostRun(new FetchOptions { Adaptive = true, Concurrency = 8 }, [.. Enumerable.Range(1, 9).Select(i => $"http://a/{i}")]);
        var (first, second) = (run.Take(), run.Take());
        first.Leave();
        first.TakeNext().Line.ShouldBe("a/3");

        // Three may be asked for now, two are; then it turns out that one is right.
        run.Scheduler.NoteCongestion(second.Place, run.Now);
        run.TakeAll().ShouldBe("");
        first.Leave(wentWell: false);
        run.TakeAll().ShouldBe("");
        second.Leave(wentWell: false);
        run.TakeAll().ShouldBe("a/4");
    }

    [Fact]
    public void A_host_that_waits_is_not_forgotten_and_one_that_does_not_is()
    {
        var run = new HostRun(One, [.. Enumerable.Range(1, HostTable.FewestSwept + 10).Select(i => $"http://a{i}/")]);
        var first = run.Take();
        for (var slot = run.Take(); slot.Line is not null; slot = run.Take())
        {
            slot.Leave();
        }

        run.Table.Count.ShouldBeLessThan(HostTable.FewestSwept);
        run.Table.Find("http://a1"u8)!.Waiting!.UnderWay.ShouldBe(1);
        first.Leave();
    }
}
