using System.Runtime.CompilerServices;

namespace Fetcher.Core.Loop;

/// <summary>
/// What an async method on the way of every URL returns. Like a ValueTask it is awaited once, but it knows no contexts, schedulers or
/// tokens, which a loop does without, and its methods' state is kept for the next call: a wait through eight methods costs a fifth of a
/// microsecond a URL instead of two (bench/NOTES.md).
/// </summary>
[AsyncMethodBuilder(typeof(LoopTaskMethodBuilder))]
internal readonly struct LoopTask(LoopPromise<Nothing>? promise)
{
    public Awaiter GetAwaiter() => new(promise);

    /// <summary>Changes nothing, and lets every await of the code base say the same.</summary>
    public LoopTask ConfigureAwait(bool continueOnCapturedContext) => this;

    internal readonly struct Awaiter(LoopPromise<Nothing>? promise) : ICriticalNotifyCompletion, ILoopAwaiter
    {
        public bool IsCompleted => promise is null || promise.IsSettled;

        public void GetResult() => promise?.TakeResult();

        public void OnCompleted(Action continuation) => promise!.OnSettled(continuation);

        public void UnsafeOnCompleted(Action continuation) => promise!.OnSettled(continuation);

        public void OnSettled(LoopContinuation continuation) => promise!.OnSettled(continuation);
    }
}

/// <summary>An awaiter that goes on with an object, where another one needs a delegate.</summary>
internal interface ILoopAwaiter
{
    /// <summary>Sets what goes on when the result is there.</summary>
    void OnSettled(LoopContinuation continuation);
}

/// <summary>A <see cref="LoopTask"/> with a result.</summary>
[AsyncMethodBuilder(typeof(LoopTaskMethodBuilder<>))]
internal readonly struct LoopTask<T>
{
    private readonly LoopPromise<T>? _promise;
    private readonly T _result;

    public LoopTask(T result)
    {
        _promise = null;
        _result = result;
    }

    public LoopTask(LoopPromise<T> promise)
    {
        _promise = promise;
        _result = default!;
    }

    public Awaiter GetAwaiter() => new(_promise, _result);

    public LoopTask<T> ConfigureAwait(bool continueOnCapturedContext) => this;

    internal readonly struct Awaiter(LoopPromise<T>? promise, T result) : ICriticalNotifyCompletion, ILoopAwaiter
    {
        public bool IsCompleted => promise is null || promise.IsSettled;

        public T GetResult() => promise is null ? result : promise.TakeResult();

        public void OnCompleted(Action continuation) => promise!.OnSettled(continuation);

        public void UnsafeOnCompleted(Action continuation) => promise!.OnSettled(continuation);

        public void OnSettled(LoopContinuation continuation) => promise!.OnSettled(continuation);
    }
}

/// <summary>The result of what has none.</summary>
internal readonly struct Nothing;
