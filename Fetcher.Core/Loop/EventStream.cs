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

    /// <summary>Bytes of a body that come at once where it comes fast: more of it may gather for as long as ever.</summary>
    private const int LeastFlow = 32 * 1024;

    /// <summary>It is at most this part (one in so many) of the shortest time that any of it was waited for, so that nobody is delayed much.</summary>
    private const long NapsInWait = 10;

    private long _lastCame;
    private long _shortestWait = long.MaxValue;
    private int _came;
    private long _gap;
    private long _flow;

    /// <summary>For how long more may gather; 0 is not at all.</summary>
    public long Nap => _came is > 0 and <= Few && _gap <= _came * LeastNap && _shortestWait >= NapsInWait * LeastNap
        ? Math.Min(MostNap, _shortestWait / NapsInWait)
        : 0;

    /// <summary>The same where all that is waited for comes over one connection, in its order: then nothing is late when more of a body gathers before it.</summary>
    public long NapAlone => _came == 0 && _flow >= LeastFlow ? MostNap : Nap;

    /// <summary>Begins with what a look has found: each of it is noted next.</summary>
    /// <param name="now">The moment now.</param>
    /// <param name="isEmpty">Whether it found nothing.</param>
    public void BeginLook(long now, bool isEmpty)
    {
        (_shortestWait, _came, _gap, _flow) = (long.MaxValue, 0, now - _lastCame, 0);
        _lastCame = isEmpty ? _lastCame : now;
    }

    /// <summary>It has brought something that was waited for so long.</summary>
    public void Note(long waited)
    {
        _shortestWait = Math.Min(_shortestWait, waited);
        _came++;
    }

    /// <summary>It has brought so many bytes of a body, of which more come; 0 when no more do.</summary>
    public void NoteFlow(int bytes) => _flow = bytes == 0 ? 0 : _flow + bytes;
}
