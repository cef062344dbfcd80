namespace Fetcher.Core.Fetch;

/// <summary>Spaces the starts of transfers evenly (<c>--rate</c>). Shared by the loops.</summary>
internal sealed class StartGate(TimeSpan interval, long firstStart)
{
    private readonly long _interval = Nanoseconds.From(interval);
    private long _next = firstStart;

    public bool IsOpen => _interval == 0;

    /// <summary>Takes the next place and gives the moment that belongs to it. Time in which nobody asked is not made up for.</summary>
    public long TakePlace(long now)
    {
        while (true)
        {
            var next = Volatile.Read(ref _next);
            var mine = Math.Max(next, now);
            if (Interlocked.CompareExchange(ref _next, mine + _interval, next) == next)
            {
                return mine;
            }
        }
    }
}
