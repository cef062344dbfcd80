using Fetcher.Core.Loop;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop;

/// <summary>How transfers run and wait on the thread pool.</summary>
public sealed class ThreadPoolExecutorTests : IDisposable
{
    private static readonly AsyncLocal<string?> Caller = new();

    private readonly FakeTimeProvider _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ThreadPoolExecutor _executor;

    public ThreadPoolExecutorTests()
    {
        Caller.Value = "the caller's";
        _executor = new ThreadPoolExecutor(_clock, _stop.Token);
        Caller.Value = null;
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Work_runs_on_another_thread_in_the_context_of_who_made_the_executor()
    {
        var ran = new TaskCompletionSource<(string?, bool)>();

        _executor.Start(() => ran.SetResult((Caller.Value, Thread.CurrentThread.IsThreadPoolThread)));

        (await ran.Task).ShouldBe(("the caller's", true));
    }

    [Fact]
    public async Task A_delay_ends_when_its_moment_has_come_and_not_before()
    {
        var delay = _executor.DelayUntilAsync(In(2.5)).AsTask();

        _clock.Advance(TimeSpan.FromMilliseconds(2));
        delay.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await delay;
    }

    [Fact]
    public void A_moment_that_has_passed_is_not_waited_for() => _executor.DelayUntilAsync(In(0)).AsTask().IsCompletedSuccessfully.ShouldBeTrue();

    [Fact]
    public async Task A_delay_longer_than_a_timer_takes_is_waited_for()
    {
        var delay = _executor.DelayUntilAsync(In(TimeSpan.FromDays(100).TotalMilliseconds)).AsTask();

        _clock.Advance(TimeSpan.FromDays(60));
        delay.IsCompleted.ShouldBeFalse();

        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(delay);
    }

    [Fact]
    public async Task A_delay_that_is_given_up_ends()
    {
        using var giveUp = new CancellationTokenSource();
        var delay = _executor.DelayUntilAsync(In(1000), giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(delay);
    }

    [Fact]
    public async Task Work_elsewhere_is_waited_for_however_it_ends()
    {
        var elsewhere = new TaskCompletionSource();
        var wait = _executor.WaitForAsync(elsewhere.Task, In(1000)).AsTask();

        elsewhere.SetException(new IOException("not ours"));

        (await wait).ShouldBeTrue();
    }

    [Fact]
    public async Task A_promise_is_waited_for_again_and_again()
    {
        IExecutor executor = _executor;
        var done = 0;
        var promise = new WriteCommand(() => done++);
        for (var i = 1; i <= 10; i++)
        {
            var wait = executor.WaitForAsync(promise, In(1000)).AsTask();
            wait.IsCompleted.ShouldBeFalse();
            promise.Run();
            (await wait).ShouldBeTrue();
            promise.TakeResult();
            done.ShouldBe(i);
        }
    }

    [Fact]
    public async Task Work_elsewhere_is_waited_for_until_the_deadline()
    {
        var wait = _executor.WaitForAsync(new TaskCompletionSource().Task, In(5)).AsTask();

        _clock.Advance(TimeSpan.FromMilliseconds(4));
        wait.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        (await wait).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stop_ends_the_wait_for_work_elsewhere()
    {
        var wait = _executor.WaitForAsync(new TaskCompletionSource().Task, long.MaxValue).AsTask();

        await _stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(wait);
    }

    private long In(double milliseconds) => _executor.GetTimestamp() + (long)(milliseconds * 1e6);
}
