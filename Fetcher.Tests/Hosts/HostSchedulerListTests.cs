using Fetcher.Core;

namespace Fetcher.Tests.Hosts;

/// <summary>How the list is read while hosts wait for their turn.</summary>
public sealed class HostSchedulerListTests
{
    private static readonly FetchOptions One = new() { PerHost = 1 };

    [Fact]
    public void The_list_is_read_ahead_so_far_and_no_further()
    {
        var run = new HostRun(One, new HostList([.. Enumerable.Range(1, 2000).Select(i => $"http://a/{i}"), "http://b/1"]) { MostAhead = 500 });
        var first = run.Take();

        run.TakeAll().ShouldBe("");
        run.List.Taken.ShouldBe(1 + 500);
        run.Take().Status.ShouldBe(TakeStatus.Empty);

        first.Leave();
        first.TakeNext().Line.ShouldBe("a/2");
        run.TakeAll();
        run.List.Taken.ShouldBe(2 + 500);
    }

    [Fact]
    public async Task A_list_that_is_empty_for_now_calls_when_a_line_comes()
    {
        var run = new HostRun(One, new HostList(["http://a/1"]) { StaysOpen = true });
        run.TakeAll().ShouldBe("a/1");
        var called = new TaskCompletionSource();
        run.Scheduler.NotifyWhenReady(called.SetResult);
        run.List.IsWaitedFor.ShouldBeTrue();

        run.List.Add("http://b/1");
        await called.Task.WaitAsync(TestContext.Current.CancellationToken);

        run.TakeAll().ShouldBe("b/1");
    }

    [Fact]
    public async Task Without_room_nothing_is_read_but_what_waits_goes_on()
    {
        var run = new HostRun(One, [.. Enumerable.Range(1, 300).Select(i => $"http://a{i}/")]);
        run.Take();
        var read = run.List.Taken;
        run.List.HasRoom = false;

        run.TakeAll().Split(' ').Length.ShouldBe(read - 1);
        run.List.Taken.ShouldBe(read);
        var called = new TaskCompletionSource();
        run.Scheduler.NotifyWhenReady(called.SetResult);
        run.List.HasRoom = true;
        run.List.Call();
        await called.Task.WaitAsync(TestContext.Current.CancellationToken);

        run.TakeAll().Split(' ').Length.ShouldBe(300 - read);
    }

    [Fact]
    public void A_run_that_is_stopped_gets_each_line_that_waits_once()
    {
        var run = new HostRun(One, [.. Enumerable.Range(1, 100).Select(i => $"http://a{i % 3}/{i}")]);
        var taken = run.TakeAll().Split(' ').Length;
        var left = new List<long>();

        while (run.Scheduler.TryDrain() is { } item)
        {
            left.Add(item.Index);
        }

        taken.ShouldBe(3);
        left.Order().ShouldBe(Enumerable.Range(3, 97).Select(i => (long)i));
        run.Take().Status.ShouldBe(TakeStatus.End);
    }
}
