namespace Fetcher.Core.Loop;

/// <summary>
/// A loop's timers by the moment at which each is to be looked at. It knows no clock: whoever has one asks what is due. Times are nanoseconds of the loop's
/// clock.
/// </summary>
/// <remarks>
/// A timer that is moved later keeps its entry, and is queued again when that comes up; one that is moved earlier gets a second entry, and the old one is
/// passed over. So setting a deadline again and again, as for each wait, mostly costs one store.
/// </remarks>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<LoopTimer, long> _entries = new();
    private readonly Stack<LoopTimer> _free = new();

    /// <summary>How many entries there are; never more than timers were in use at once, as long as none is moved earlier.</summary>
    public int Count => _entries.Count;

    /// <summary>The next moment at which a timer may be due, or <see cref="LoopTimer.Never"/>.</summary>
    public long Next => _entries.TryPeek(out _, out var next) ? next : LoopTimer.Never;

    /// <summary>A timer that calls <paramref name="onDue"/>, once it is set.</summary>
    public LoopTimer Rent(Action onDue)
    {
        var timer = _free.TryPop(out var free) ? free : new LoopTimer(this);
        timer.OnDue = onDue;
        return timer;
    }

    /// <summary>Stops and takes back a rented timer.</summary>
    public void Return(LoopTimer timer)
    {
        timer.Stop();
        timer.OnDue = null;
        _free.Push(timer);
    }

    /// <summary>Takes the next timer that is due, which is to be fired; null when none is due yet.</summary>
    /// <param name="now">Now.</param>
    public LoopTimer? TakeDue(long now)
    {
        while (_entries.TryPeek(out var timer, out var at) && at <= now)
        {
            _entries.Dequeue();
            if (at != timer.LooksAt)
            {
                // The timer was moved earlier since, and has another entry.
                continue;
            }

            timer.LooksAt = LoopTimer.Never;
            if (timer.Due <= now)
            {
                return timer;
            }

            if (timer.Due != LoopTimer.Never)
            {
                timer.Set(timer.Due);
            }
        }

        return null;
    }

    /// <summary>Queues an entry for <paramref name="timer"/>.</summary>
    internal void Add(LoopTimer timer, long at) => _entries.Enqueue(timer, at);
}
