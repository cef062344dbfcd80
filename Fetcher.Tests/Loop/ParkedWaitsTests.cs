using Fetcher.Core;
using Fetcher.Core.Loop;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop;

/// <summary>How a loop waits for work on other threads. Over every poller.</summary>
public sealed class ParkedWaitsTests
{
    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void A_wait_for_others_ends_at_its_deadline(string poller)
    {
        using var loop = EventLoopTests.New(poller);
        var never = new TaskCompletionSource();

        loop.Run(async () => (await loop.WaitForAsync(never.Task, loop.GetTimestamp() + 1_000_000)).ShouldBeFalse());

        never.SetResult();
    }

    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void All_who_wait_for_one_piece_of_work_go_on_before_what_is_posted_next(string poller)
    {
        using var loop = EventLoopTests.New(poller);

        loop.Run(async () =>
        {
            var work = new TaskCompletionSource();
            var waits = Enumerable.Range(0, 20).Select(_ => loop.WaitForAsync(work.Task, LoopTimer.Never).AsTask()).ToArray();
            work.SetResult();
            await loop.GiveWayAsync();
            waits.ShouldAllBe(wait => wait.IsCompleted);
        });
    }

    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void Work_that_ends_after_its_wait_ends_no_other(string poller)
    {
        using var loop = EventLoopTests.New(poller);

        loop.Run(async () =>
        {
            var (late, next) = (new TaskCompletionSource(), new TaskCompletionSource());
            (await loop.WaitForAsync(late.Task, loop.GetTimestamp() + 1_000_000)).ShouldBeFalse();
            var waits = new[] { loop.WaitForAsync(next.Task, LoopTimer.Never).AsTask(), loop.WaitForAsync(next.Task, LoopTimer.Never).AsTask() };
            late.SetResult();
            await loop.GiveWayAsync();
            await loop.GiveWayAsync();
            waits.ShouldAllBe(wait => !wait.IsCompleted);

            next.SetResult();
            (await Task.WhenAll(waits)).ShouldBe([true, true]);
            (await loop.WaitForAsync(Task.Run(() => { }), LoopTimer.Never)).ShouldBeTrue();
        });
    }

    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void A_promise_that_another_thread_settles_can_be_waited_for_again(string poller)
    {
        using var loop = EventLoopTests.New(poller);
        var threads = new List<Thread>();
        var settled = 0;
        var promise = new WriteCommand(() => settled++);

        loop.Run(async () =>
        {
            for (var i = 1; i <= 100; i++)
            {
                var work = Task.Run(promise.Run);
                (await loop.WaitForAsync(promise, LoopTimer.Never)).ShouldBeTrue();
                promise.TakeResult();
                settled.ShouldBe(i);
                threads.Add(Thread.CurrentThread);
                await loop.WaitForAsync(work, LoopTimer.Never);
            }
        });

        threads.ShouldAllBe(thread => thread == Thread.CurrentThread);
    }

    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void A_promise_that_is_settled_after_its_wait_ends_no_other(string poller)
    {
        using var loop = EventLoopTests.New(poller);

        loop.Run(async () =>
        {
            var (late, next) = (new WriteCommand(() => { }), new WriteCommand(() => throw new IOException("seen by whoever takes the result")));
            (await loop.WaitForAsync(late, loop.GetTimestamp() + 1_000_000)).ShouldBeFalse();
            var wait = loop.WaitForAsync(next, LoopTimer.Never).AsTask();
            late.Run();
            await loop.GiveWayAsync();
            await loop.GiveWayAsync();
            wait.IsCompleted.ShouldBeFalse();

            next.Run();
            (await wait).ShouldBeTrue();
            Should.Throw<FetchException>(() => next.TakeResult());
        });
    }
}
