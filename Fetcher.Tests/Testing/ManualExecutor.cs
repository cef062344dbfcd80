using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Testing;

/// <summary>Runs transfers on the test's own thread, when the test says so, on a clock that the test sets.</summary>
/// <param name="queues">Whether work that is started is queued, as on the thread pool, rather than begun at once, as on a loop.</param>
internal sealed class ManualExecutor(bool queues) : IExecutor
{
    private readonly Queue<Action> _posted = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _delays = new();
    private readonly FakeTimeProvider _clock = new();

    /// <summary>Whether the deadline of every wait for others has passed.</summary>
    public bool IsLate { get; set; }

    public TimeProvider TimeProvider => _clock;

    public LoopObserver? Observer => null;

    public long GetTimestamp() => MonotonicClock.Now(_clock);

    public void Start(Action work)
    {
        if (queues)
        {
            Post(work);
        }
        else
        {
            work();
        }
    }

    public void Post(Action action) => _posted.Enqueue(action);

    public async ValueTask GiveWayAsync() => await new PostedReturn(Post);

    public async ValueTask DelayUntilAsync(long moment, CancellationToken giveUp = default)
    {
        if (moment <= GetTimestamp())
        {
            return;
        }

        var due = new TaskCompletionSource();
        _delays.Enqueue(due, moment);
        using var givenUp = giveUp.Register(() => due.TrySetCanceled(giveUp));
        await due.Task.ConfigureAwait(false);
    }

    public async LoopTask<bool> WaitForAsync(Task elsewhere, long deadline)
    {
        if (IsLate)
        {
            return false;
        }

        await elsewhere.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    /// <summary>Does what was posted, and what that posts.</summary>
    public void RunPosted()
    {
        while (_posted.TryDequeue(out var action))
        {
            action();
        }
    }

    /// <summary>Sets the clock forward, from one delay that ends to the next, and lets those go on that waited.</summary>
    public void Advance(TimeSpan span)
    {
        RunPosted();
        var end = GetTimestamp() + Nanoseconds.From(span);
        while (_delays.TryPeek(out var due, out var moment) && moment <= end)
        {
            _delays.Dequeue();
            _clock.Advance(Nanoseconds.ToTimeSpan(Math.Max(0, moment - GetTimestamp())));
            due.TrySetResult();
            RunPosted();
        }

        _clock.Advance(Nanoseconds.ToTimeSpan(end - GetTimestamp()));
        RunPosted();
    }
}
