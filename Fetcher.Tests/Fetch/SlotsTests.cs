using Fetcher.Core;
using Fetcher.Core.Fetch;

namespace Fetcher.Tests.Fetch;

/// <summary>How slots take URLs, rest and leave their places: begun at once as on a loop, and queued as on the thread pool.</summary>
public sealed class SlotsTests
{
    public static TheoryData<bool> Ways => [false, true];

    [Theory, MemberData(nameof(Ways))]
    public void As_many_are_under_way_as_there_are_slots(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Add(5).EndList().Start();

        run.UnderWay.Keys.Order().ShouldBe([0, 1]);
        run.Job.InFlight.ShouldBe(2);
        run.Complete(1, 0);
        run.UnderWay.Keys.Order().ShouldBe([2, 3]);
        run.Complete(2, 3, 4);
        run.Sink.Results.ShouldBe([1, 0, 2, 3, 4]);
        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Job.InFlight.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Ways))]
    public void An_empty_list_that_has_ended_ends_the_run(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).EndList().Start();

        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Begun.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Ways))]
    public void Slots_rest_while_the_list_is_empty_and_all_go_on_at_the_news(bool queues)
    {
        using var run = new SlotsRun(queues, most: 3).Add(1).Start();
        run.UnderWay.Keys.ShouldBe([0]);

        run.Add(3);
        run.UnderWay.Keys.Order().ShouldBe([0, 1, 2]);
        run.Complete(0, 1, 2, 3);
        run.Run!.IsCompleted.ShouldBeFalse();

        run.EndList();
        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.ShouldBe([0, 1, 2, 3]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Nothing_is_taken_while_the_output_is_full(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Add(4).EndList().Start();

        run.Sink.HasRoom = false;
        run.Complete(0, 1);
        run.UnderWay.ShouldBeEmpty();
        run.Run!.IsCompleted.ShouldBeFalse();

        run.Sink.HasRoom = true;
        run.Executor.RunPosted();
        run.UnderWay.Keys.Order().ShouldBe([2, 3]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_transfer_that_pauses_leaves_its_place_to_another(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(3).EndList().Start();

        Pause(run);
        run.UnderWay.Keys.Order().ShouldBe([0, 1]);
        run.Job.InFlight.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_transfer_that_returns_waits_for_a_place_and_comes_before_what_is_new(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(3).EndList().Start();
        Pause(run);

        var returned = run.Slots.ResumeAsync().AsTask();
        run.Executor.RunPosted();
        returned.IsCompleted.ShouldBeFalse();

        run.Complete(1);
        returned.IsCompletedSuccessfully.ShouldBeTrue();
        run.UnderWay.Keys.ShouldBe([0]);
        run.Complete(0);
        run.UnderWay.Keys.ShouldBe([2]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_transfer_that_returns_to_a_free_place_does_not_wait(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Add(1).EndList().Start();
        Pause(run);

        run.Slots.ResumeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        run.Job.InFlight.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Ways))]
    public void The_run_ends_only_when_all_that_paused_are_back(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(2).EndList().Start();
        Pause(run);
        run.Complete(1);
        run.Run!.IsCompleted.ShouldBeFalse();

        run.Slots.ResumeAsync().AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        run.Complete(0);
        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.ShouldBe([1, 0]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void One_that_ends_without_a_place_makes_the_slots_one_fewer_until_it_has_ended(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(3).EndList().Start();
        Pause(run);

        run.Slots.ResumeToEnd();
        run.Complete(1);
        run.UnderWay.Keys.ShouldBe([0]);
        run.Complete(0);
        run.UnderWay.Keys.ShouldBe([2]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Only_so_many_may_pause(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(Pauses.Most + 2).EndList();
        var kept = 0;
        run.OnBegin = _ => kept += run.Slots.TryPause() ? 0 : 1;

        run.Start();

        run.Begun.Count.ShouldBe(Pauses.Most + 1);
        kept.ShouldBe(1);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_run_that_drains_takes_nothing_more_and_lets_what_is_under_way_end(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Add(5).Start();

        run.Drain();
        run.Run!.IsCompleted.ShouldBeFalse();
        run.Complete(0, 1);

        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.ShouldBe([0, 1]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_run_that_drains_does_not_wait_for_an_empty_list(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Start();

        run.Drain();

        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Ways))]
    public void Whoever_waits_for_a_place_gets_one_when_the_run_drains(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(3).Start();
        Pause(run);
        var returned = run.Slots.ResumeAsync().AsTask();

        run.Drain();

        returned.IsCompletedSuccessfully.ShouldBeTrue();
        run.Slots.TryPause().ShouldBeFalse();
        run.Complete(0, 1);
        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_failure_of_the_program_ends_the_run_and_is_told(bool queues)
    {
        using var run = new SlotsRun(queues, most: 2).Add(5).EndList().Start();
        run.Sink.Failure = new InvalidOperationException("a bug");

        run.Complete(1);

        run.Run!.Exception.ShouldNotBeNull().InnerException.ShouldBe(run.Sink.Failure);
        run.Begun.Count.ShouldBe(2);
        run.Complete(0);
        run.Begun.Count.ShouldBe(2);
    }

    [Fact]
    public void Results_that_gather_are_handed_over_when_the_turn_ends_and_when_the_run_does()
    {
        using var run = new SlotsRun(queues: false, most: 2, batches: true).Add(3).EndList().Start();

        run.Complete(1);
        run.Sink.Results.ShouldBeEmpty();
        run.Slots.EndTurn();
        run.Sink.Results.ShouldBe([1]);

        run.Complete(0, 2);
        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.ShouldBe([1, 0, 2]);
    }

    [Fact]
    public void A_failure_to_hand_over_what_gathered_ends_the_run_and_is_told()
    {
        using var run = new SlotsRun(queues: false, most: 2, batches: true).Add(5).EndList().Start();
        run.Sink.Failure = new InvalidOperationException("a bug");

        run.Complete(1);
        run.Run!.IsCompleted.ShouldBeFalse();
        run.Slots.EndTurn();

        run.Run!.Exception.ShouldNotBeNull().InnerException.ShouldBe(run.Sink.Failure);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_transfer_in_a_busy_run_is_due_when_its_slot_takes_it(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1).Add(2).EndList().Start();

        run.Executor.Advance(TimeSpan.FromMilliseconds(70));
        run.Complete(0);

        Due(run).ShouldBe([0, 70]);
        Started(run).ShouldBe([0, 70]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_rate_spaces_the_starts(bool queues)
    {
        using var run = new SlotsRun(queues, most: 5, SlotsRun.Rate(10)).Add(3).EndList().Start();

        run.Executor.Advance(TimeSpan.FromMilliseconds(100));

        Started(run).ShouldBe([0, 10, 20]);
        Due(run).ShouldBe([0, 10, 20]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_start_that_finds_all_slots_busy_was_due_by_the_rate_all_the_same(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1, SlotsRun.Rate(10)).Add(5).EndList().Start();

        run.Executor.Advance(TimeSpan.FromMilliseconds(35));
        run.Complete(0, 1);
        run.Executor.Advance(TimeSpan.FromMilliseconds(10));
        run.Complete(2);
        run.Executor.Advance(TimeSpan.FromMilliseconds(10));
        run.Complete(3);
        run.Executor.Advance(TimeSpan.FromMilliseconds(100));

        // A quarter of the interval is made up for. The last was due after the slot was busy.
        Started(run).ShouldBe([0, 35, 42, 52, 63]);
        Due(run).ShouldBe([0, 10, 20, 30, 63]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Time_in_which_the_list_was_empty_is_not_made_up_for(bool queues)
    {
        using var run = new SlotsRun(queues, most: 4, SlotsRun.Rate(10)).Add(1).Start();

        run.Executor.Advance(TimeSpan.FromMilliseconds(500));
        run.Add(2).EndList();
        run.Executor.Advance(TimeSpan.FromMilliseconds(100));

        Due(run).ShouldBe([0, 500, 510]);
        Started(run).ShouldBe([0, 500, 510]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Time_in_which_the_output_was_full_is_not_made_up_for(bool queues)
    {
        using var run = new SlotsRun(queues, most: 1, SlotsRun.Rate(10)).Add(3).EndList().Start();
        run.Sink.HasRoom = false;
        run.Complete(0);

        run.Executor.Advance(TimeSpan.FromMilliseconds(500));
        run.Sink.HasRoom = true;
        run.Executor.Advance(TimeSpan.Zero);
        run.Complete(1);
        run.Executor.Advance(TimeSpan.FromMilliseconds(100));

        Due(run).ShouldBe([0, 500, 510]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_transfer_that_is_given_up_before_its_turn_was_due_when_it_was_given_up(bool queues)
    {
        using var run = new SlotsRun(queues, most: 3, SlotsRun.Rate(1000)).Add(10).Start();
        run.Executor.Advance(TimeSpan.FromMilliseconds(70));

        run.Drain();

        run.Begun.ShouldAllBe(fetch => fetch.Due >= 0 && fetch.Due <= fetch.Started);
        run.Begun.Skip(1).ShouldAllBe(fetch => fetch.Started == 70_000_000);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Each_line_that_was_taken_ends_in_a_result(bool queues)
    {
        using var run = new SlotsRun(queues, most: 3, SlotsRun.Rate(1000)).Add(10).Start();

        run.Drain();
        run.Complete(0);

        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.Order().ShouldBe([0, 1, 2]);
        run.Sink.Cancelled.Order().ShouldBe([1, 2]);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Each_line_that_waits_for_its_host_ends_in_a_result(bool queues)
    {
        var options = new FetchOptions { PerHost = 1 };
        using var run = new SlotsRun(queues, most: 3, options).Add(10).EndList().Start();
        run.UnderWay.Keys.ShouldBe([0]);

        run.Drain();
        run.Complete(0);

        run.Run!.IsCompletedSuccessfully.ShouldBeTrue();
        run.Sink.Results.Order().ShouldBe(Enumerable.Range(0, 10).Select(i => (long)i));
        run.Sink.Cancelled.Count.ShouldBe(9);
    }

    private static void Pause(SlotsRun run)
    {
        run.Slots.TryPause().ShouldBeTrue();
        run.Executor.RunPosted();
    }

    private static IEnumerable<long> Due(SlotsRun run) => run.Begun.Select(fetch => fetch.Due / 1_000_000);

    private static IEnumerable<long> Started(SlotsRun run) => run.Begun.Select(fetch => fetch.Started / 1_000_000);
}
