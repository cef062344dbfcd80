using Fetcher.Core;
using Fetcher.Core.Hosts;

namespace Fetcher.Queue;

/// <summary>
/// The places that a worker has in the rate of its job, which all workers share. The store keeps places apart; that starts are apart as well, each is used
/// within a moment or not at all. Moments are nanoseconds of the worker's clock. Not safe for several threads.
/// </summary>
/// <param name="asked">From one start of the job to the next, as asked; zero for no limit.</param>
internal sealed class JobPace(TimeSpan asked)
{
    /// <summary>Where starts are close, places are taken for about so long ahead.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How late a place may be used: half of what the places of a second have more than they need (<see cref="StartSpacing"/>), the other half being the
    /// network's. A place that comes alone is taken as shortly before, so that a worker that wakes up late has not lost one.
    /// </summary>
    private static readonly TimeSpan Holds = TimeSpan.FromMilliseconds(10);

    private readonly Queue<long> _places = new();
    private long _lastAt = HostQueue.LongAgo;
    private long _askAt = HostQueue.LongAgo;

    /// <summary>Whether there is no limit.</summary>
    public bool IsOpen => asked <= TimeSpan.Zero;

    private TimeSpan Interval => Nanoseconds.ToTimeSpan(StartSpacing.IntervalFor(Nanoseconds.From(asked)));

    private int Count => asked < 2 * Holds ? (int)(Ahead / asked) : 1;

    private TimeSpan Within => Count > 1 ? Ahead : Holds;

    /// <summary>Whether one may start now.</summary>
    public bool HasPlace(long now)
    {
        DropOld(now);
        return IsOpen || (_places.TryPeek(out var place) && place <= now);
    }

    /// <summary>One starts now, which has its place.</summary>
    public void Take(long now)
    {
        _places.Dequeue();
        _lastAt = now;
    }

    /// <summary>Whether the store is to be asked for places.</summary>
    public bool IsToAsk(long now)
    {
        DropOld(now);
        return _places.Count == 0 && _askAt <= now;
    }

    /// <summary>Asks for them.</summary>
    public Func<Task<TimeSpan>> Ask(ILeaseStore store, long now)
    {
        var since = Nanoseconds.ToTimeSpan(now - _lastAt);
        return () => store.ReserveStartsAsync(Count, Interval, since, Within);
    }

    /// <summary>Notes what the store has said.</summary>
    public void Hear(TimeSpan first, long now)
    {
        if (first > Within)
        {
            _askAt = now + Nanoseconds.From(first - (Within / 2));
            return;
        }

        for (var place = 0; place < Count; place++)
        {
            _places.Enqueue(now + Nanoseconds.From(first + (place * Interval)));
        }
    }

    /// <summary>How long until there is something to do.</summary>
    /// <param name="now">The moment now.</param>
    /// <param name="otherwise">When nothing is known to come.</param>
    public TimeSpan Wait(long now, TimeSpan otherwise)
    {
        var next = _places.TryPeek(out var place) && place > now ? place : _askAt;
        return next > now ? Nanoseconds.ToTimeSpan(next - now) : otherwise;
    }

    private void DropOld(long now)
    {
        while (_places.TryPeek(out var place) && place < now - Nanoseconds.From(Holds))
        {
            _places.Dequeue();
        }
    }
}
