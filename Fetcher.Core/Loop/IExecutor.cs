using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>Where transfers run: on the thread of an <see cref="EventLoop"/>, or on .NET's thread pool (<see cref="ThreadPoolExecutor"/>).</summary>
internal interface IExecutor
{
    /// <summary>The clock, whose timers fire where the transfers run.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>Watches it, in a watched run; else null.</summary>
    LoopObserver? Observer { get; }

    /// <summary>Now, in nanoseconds of the monotonic clock.</summary>
    long GetTimestamp();

    /// <summary>Begins a piece of work: here and now on a loop, on another thread on the pool. Called where the transfers run.</summary>
    void Start(Action work);

    /// <summary>Has <paramref name="action"/> called later, never before this returns. Safe from any thread.</summary>
    void Post(Action action);

    /// <summary>Lets the others have their turn, in the middle of long work.</summary>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    ValueTask GiveWayAsync();

    /// <summary>Waits until <paramref name="moment"/>, in nanoseconds of the clock; does not wait for one that has passed.</summary>
    /// <param name="moment">When to go on.</param>
    /// <param name="giveUp">Cancelled when the wait is of no use any more.</param>
    /// <exception cref="OperationCanceledException">The run is being stopped, or the wait was given up.</exception>
    ValueTask DelayUntilAsync(long moment, CancellationToken giveUp = default);

    /// <summary>Waits for work that runs elsewhere, however it ends.</summary>
    /// <returns>False when <paramref name="deadline"/>, in nanoseconds of the clock, passed first; the work goes on unobserved.</returns>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask<bool> WaitForAsync(Task elsewhere, long deadline);

    /// <inheritdoc cref="WaitForAsync(Task, long)"/>
    /// <remarks>What is settled by the work, on whatever thread, is awaited by nobody else.</remarks>
    LoopTask<bool> WaitForAsync(LoopPromise<Nothing> elsewhere, long deadline)
    {
        var ended = new TaskCompletionSource();
        elsewhere.OnSettled(ended.SetResult);
        return WaitForAsync(ended.Task, deadline);
    }
}
