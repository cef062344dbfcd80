using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>
/// Transfers run on .NET's thread pool, each on whatever thread is free when it goes on, in the execution context of whoever made this: an activity of the
/// caller's is the parent of the requests. Works on every system.
/// </summary>
/// <param name="clock">The clock of deadlines and delays.</param>
/// <param name="stop">Cancelled when the run is being stopped: every wait ends.</param>
internal sealed class ThreadPoolExecutor(TimeProvider clock, CancellationToken stop) : IExecutor
{
    /// <summary>What a timer of .NET can wait at most, in nanoseconds: 2^32 - 2 ms.</summary>
    private const long LongestWait = (uint.MaxValue - 1) * 1_000_000L;

    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public TimeProvider TimeProvider => clock;

    public LoopObserver? Observer => null;

    public long GetTimestamp() => MonotonicClock.Now(clock);

    public void Start(Action work) => Post(work);

    public void Post(Action action) => ThreadPool.UnsafeQueueUserWorkItem(static item => item.Executor.Run(item.Action), (Executor: this, Action: action), preferLocal: false);

    public async ValueTask GiveWayAsync()
    {
        await new PostedReturn(Post);
        stop.ThrowIfCancellationRequested();
    }

    public async ValueTask DelayUntilAsync(long moment, CancellationToken giveUp = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, giveUp);
        for (var left = moment - GetTimestamp(); left > 0; left = moment - GetTimestamp())
        {
            await Task.Delay(WholeMilliseconds(left), clock, either.Token).ConfigureAwait(false);
        }
    }

    public async LoopTask<bool> WaitForAsync(Task elsewhere, long deadline)
    {
        while (!elsewhere.IsCompleted)
        {
            stop.ThrowIfCancellationRequested();
            var left = deadline - GetTimestamp();
            if (left <= 0)
            {
                return false;
            }

            await elsewhere.WaitAsync(WholeMilliseconds(left), clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Whoever ended the work has a thread of its own to look after.
            await new PostedReturn(Post);
        }

        return true;
    }

    private void Run(Action action)
    {
        if (_context is null)
        {
            action();
        }
        else
        {
            ExecutionContext.Run(_context, static action => ((Action)action!)(), action);
        }
    }

    /// <summary>Timers count whole milliseconds: one too many is better than to go on too early.</summary>
    private static TimeSpan WholeMilliseconds(long nanoseconds) =>
        TimeSpan.FromMilliseconds((Math.Min(nanoseconds, LongestWait - 1_000_000) + 999_999) / 1_000_000);
}
