using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class WaiterTests
{
    private readonly Waiter _waiter = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whoever_waits_goes_on_within_the_call_that_completes_it(bool ready)
    {
        bool? told = null;
        WaitAsync(result => told = result).GetAwaiter().IsCompleted.ShouldBeFalse();
        _waiter.IsWaiting.ShouldBeTrue();

        _waiter.Complete(ready);

        told.ShouldBe(ready);
        _waiter.IsWaiting.ShouldBeFalse();
    }

    [Fact]
    public void It_can_be_waited_for_again_from_within_the_continuation()
    {
        var completed = 0;
        _ = WaitTwiceAsync();

        _waiter.Complete(ready: true);
        completed.ShouldBe(1);
        _waiter.IsWaiting.ShouldBeTrue();
        _waiter.Complete(ready: true);
        completed.ShouldBe(2);

        async LoopTask WaitTwiceAsync()
        {
            await _waiter.Start().ConfigureAwait(false);
            completed++;
            await _waiter.Start().ConfigureAwait(false);
            completed++;
        }
    }

    [Fact]
    public void A_failure_comes_out_where_it_is_awaited()
    {
        var wait = WaitAsync(_ => Assert.Fail("it has not been completed")).GetAwaiter();

        _waiter.Fail(new OperationCanceledException());

        _waiter.IsWaiting.ShouldBeFalse();
        Should.Throw<OperationCanceledException>(() => End(wait));
    }

    [Fact]
    public void A_second_wait_at_the_same_time_is_refused()
    {
        _waiter.Start();

        Should.Throw<InvalidOperationException>(() => { _waiter.Start(); });
    }

    private static void End(LoopTask.Awaiter awaiter) => awaiter.GetResult();

    private async LoopTask WaitAsync(Action<bool> onEnd) => onEnd(await _waiter.Start().ConfigureAwait(false));
}
