using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class LoopTaskTests
{
    [Fact]
    public void A_method_that_need_not_wait_has_its_result_at_once()
    {
        AddAsync(new LoopTask<int>(1)).GetAwaiter().IsCompleted.ShouldBeTrue();
        ResultOf(AddAsync(new LoopTask<int>(1)).GetAwaiter()).ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_method_goes_on_within_the_call_that_settles_what_it_waits_for(bool isOfLoop)
    {
        var promise = new Promise(isOfLoop);
        var sum = AddAsync(promise.Task).GetAwaiter();
        sum.IsCompleted.ShouldBeFalse();
        promise.SetResult(2);
        sum.IsCompleted.ShouldBeTrue();
        ResultOf(sum).ShouldBe(3);
    }

    [Fact]
    public void An_exception_comes_out_where_it_is_awaited_whether_before_or_after_a_wait()
    {
        Should.Throw<InvalidDataException>(() => End(FailAsync(new LoopTask<int>(0)).GetAwaiter()));
        var promise = new Promise();
        var failing = FailAsync(promise.Task).GetAwaiter();
        promise.SetResult(0);
        Should.Throw<InvalidDataException>(() => End(failing));
        var waiting = AddAsync(promise.Task).GetAwaiter();
        promise.SetException(new TimeoutException());
        Should.Throw<TimeoutException>(() => ResultOf(waiting));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_method_that_awaits_what_is_settled_goes_on_at_once(bool isOfLoop)
    {
        var promise = new Promise(isOfLoop);
        var awaiter = promise.Task.GetAwaiter();
        promise.SetResult(2);
        var sum = 0;
        awaiter.UnsafeOnCompleted(() => sum = ResultOf(awaiter) + 1);
        sum.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_who_await_one_promise_are_refused(bool isOfLoop)
    {
        var promise = new Promise(isOfLoop);
        promise.Task.GetAwaiter().UnsafeOnCompleted(() => { });
        Should.Throw<InvalidOperationException>(() => promise.Task.GetAwaiter().UnsafeOnCompleted(() => { }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Settling_twice_is_refused(bool isOfLoop)
    {
        var promise = new Promise(isOfLoop);
        promise.SetResult(1);
        Should.Throw<InvalidOperationException>(() => promise.SetResult(2));
    }

    [Fact]
    public async Task A_result_that_comes_from_another_thread_while_it_is_being_awaited_is_not_lost()
    {
        var timeLimit = TestContext.Current.CancellationToken;
        for (var i = 0; i < 2000; i++)
        {
            var promise = new Promise();
            var setting = Task.Run(() => promise.SetResult(1), timeLimit);
            (await BridgeAsync(promise.Task).WaitAsync(TimeSpan.FromSeconds(30), timeLimit)).ShouldBe(3);
            await setting;
        }
    }

    private static int ResultOf(LoopTask<int>.Awaiter awaiter) => awaiter.GetResult();

    private static void End(LoopTask.Awaiter awaiter) => awaiter.GetResult();

    private static async LoopTask<int> AddAsync(LoopTask<int> number) => await number.ConfigureAwait(false) + 1;

    private static async LoopTask<int> AddTwiceAsync(LoopTask<int> number) => await AddAsync(number).ConfigureAwait(false) + 1;

    private static async Task<int> BridgeAsync(LoopTask<int> number) => await AddTwiceAsync(number).ConfigureAwait(false);

    private static async LoopTask FailAsync(LoopTask<int> number)
    {
        await number.ConfigureAwait(false);
        throw new InvalidDataException();
    }

    private sealed class Promise(bool isOfLoop = false) : LoopPromise<int>(isOfLoop)
    {
        public LoopTask<int> Task => new(this);
    }
}
