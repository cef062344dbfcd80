namespace Fetcher.Core.Loop;

/// <summary>
/// What one look for events after another brings, and for how long more may gather before the next: where little came, closely behind what came before, and
/// after long waits. Moments and times are in nanoseconds.
/// </summary>
internal sealed class EventStream
{
    /// <summary>Where more than this come at once, a wake-up is shared already.</summary>
    public const int Few = 16;

    /// <summary>The shortest and the longest time to gather. The kernel sleeps up to 50 µs longer (PR_SET_TIMERSLACK, prctl(2)).</summary>
    private const long LeastNap = 50_000, MostNap = 200_000;

    /// <summary>It is at most this part (one in so many) of the shortest time that any of it was waited for, so that nobody is delayed much.</summary>
    private const long NapsInWait = 10;

    private long _lastCame;
    private long _shortestWait = long.MaxValue;
    private int _came;
    private long _gap;

    /// <summary>For how long more may gather; 0 is not at all.</summary>
    public long Nap => _came is > 0 and <= Few && _gap <= _came * LeastNap && _shortestWait >= NapsInWait * LeastNap
        ? Math.Min(MostNap, _shortestWait / NapsInWait)
        : 0;

    /// <summary>Begins with what a look has found: each of it is noted next.</summary>
    /// <param name="now">The moment now.</param>
    /// <param name="isEmpty">Whether it found nothing.</param>
    public void BeginLook(long now, bool isEmpty)
    {
        (_shortestWait, _came, _gap) = (long.MaxValue, 0, now - _lastCame);
        _lastCame = isEmpty ? _lastCame : now;
    }

    /// <summary>It has brought something that was waited for so long.</summary>
    public void Note(long waited)
    {
        _shortestWait = Math.Min(_shortestWait, waited);
        _came++;
    }
}
