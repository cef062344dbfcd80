namespace Fetcher.Core.Fetch;

/// <summary>
/// When transfers are due to start under <c>--rate</c>: each an interval after the one before, whether or not a slot is free then. So a transfer that had
/// to wait for a slot counts its wait, and the late ones follow as fast as slots come free. Time in which there was nothing to start is not made up for.
/// Shared by the loops.
/// </summary>
/// <param name="interval">From one start to the next; zero is no limit.</param>
/// <param name="firstStart">When the first is due, in nanoseconds of the run's clock.</param>
internal sealed class StartSchedule(TimeSpan interval, long firstStart)
{
    private readonly long _interval = Nanoseconds.From(interval);
    private long _next = firstStart;
    private int _idle;

    /// <summary>Whether there is no limit.</summary>
    public bool IsOpen => _interval == 0;

    /// <summary>Takes the next place and gives the moment that belongs to it, which may have passed.</summary>
    /// <param name="now">The moment now.</param>
    /// <param name="notBefore">When something else lets the transfer start; a moment that has passed means nothing.</param>
    public long TakePlace(long now, long notBefore)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            var mine = Volatile.Read(ref _idle) > 0 ? Math.Max(next, now) : next;
            mine = notBefore > now ? Math.Max(mine, notBefore) : mine;
            if (Interlocked.CompareExchange(ref _next, mine + _interval, next) == next)
            {
                return mine;
            }
        }
    }

    /// <summary>Somebody has a free slot and nothing to start: from now on the time does not count, until <see cref="EndIdle"/>.</summary>
    public void BeginIdle() => Interlocked.Increment(ref _idle);

    /// <summary>There may be something to start again, due not before <paramref name="now"/>.</summary>
    public void EndIdle(long now)
    {
        for (var next = Volatile.Read(ref _next); next < now; next = Volatile.Read(ref _next))
        {
            Interlocked.CompareExchange(ref _next, now, next);
        }

        Interlocked.Decrement(ref _idle);
    }
}
