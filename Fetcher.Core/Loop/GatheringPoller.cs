using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// Lets events gather that come in a stream. A loop faster than its servers sleeps and wakes up for nearly every response, which costs more than to receive
/// it. Where a wake-up brought little and the next followed at once, it takes a nap before it asks, and serves together what has come meanwhile: a
/// fifth of the CPU of small requests less (bench/NOTES.md). Where that turns out not to pay it stays away (<see cref="GatheringTrial"/>). Network
/// cards coalesce interrupts for the same reason.
/// </summary>
/// <param name="poller">How it asks.</param>
/// <param name="clock">What tells a stream.</param>
internal sealed class GatheringPoller(IPoller poller, TimeProvider clock) : IPoller
{
    /// <summary>The shortest and the longest nap, in nanoseconds. The kernel sleeps up to 50 µs longer (PR_SET_TIMERSLACK, prctl(2)).</summary>
    private const long LeastNap = 50_000, MostNap = 200_000;

    /// <summary>A nap takes at most this part (one in so many) of the shortest time that a socket was waited for, so that it delays nobody much.</summary>
    private const long NapsInWait = 10;

    /// <summary>In place of when something was last heard of a socket that many share.</summary>
    private const long Shared = long.MinValue;

    /// <summary>Where more than this come at once, a wake-up is shared already, and no nap is taken.</summary>
    private const int Few = 16;

    private readonly GatheringTrial _trial = new(Libc.ThreadCpuTime);

    // When something was last heard of each place among the loop's sockets, the lower half of a token.
    private long[] _heard = new long[64];
    private int _watched;
    private long _lastEvents;
    private long _shortestWait = long.MaxValue;

    // What the last look brought: sockets, and what has come on those that many share. And how long after the look before.
    private int _came;
    private long _gap;

    public bool CanWatch(int fd) => poller.CanWatch(fd);

    public void Add(int fd, ulong token)
    {
        var place = (int)(uint)token;
        if (place >= _heard.Length)
        {
            Array.Resize(ref _heard, Math.Max(place + 1, 2 * _heard.Length));
        }

        _heard[place] = Nanoseconds.Now(clock);
        poller.Add(fd, token);
        _watched++;
    }

    public void Arm(int fd, ulong token, Interest interest) => poller.Arm(fd, token, interest);

    public void Remove(int fd)
    {
        poller.Remove(fd);
        _watched--;
    }

    /// <summary>
    /// Something that was waited for so long has come on a socket that many share. Such a socket is always busy, and one event of it brings much: what has
    /// come counts in its place.
    /// </summary>
    public void NoteWait(ulong token, long waited)
    {
        if (token == 0)
        {
            return;
        }

        _heard[(int)(uint)token] = Shared;
        _shortestWait = Math.Min(_shortestWait, waited);
        _came++;
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds != 0 && Nap is > 0 and var nap)
        {
            Libc.Sleep(nap);
        }

        var count = poller.Wait(events, timeoutMilliseconds);
        Note(events[..count], Nanoseconds.Now(clock));
        return count;
    }

    public void Dispose() => poller.Dispose();

    private bool IsStream => _came is > 0 and <= Few && _gap <= _came * LeastNap;

    private long Nap => IsStream && _trial.Gathers && _shortestWait >= NapsInWait * LeastNap ? Math.Min(MostNap, _shortestWait / NapsInWait) : 0;

    private void Note(ReadOnlySpan<PollEvent> events, long now)
    {
        (_shortestWait, _came, _gap) = (long.MaxValue, 0, now - _lastEvents);
        foreach (ref readonly var happened in events)
        {
            ref var heard = ref _heard[(int)(uint)happened.Token];
            if (heard != Shared)
            {
                _shortestWait = Math.Min(_shortestWait, now - heard);
                heard = now;
                _came++;
            }
        }

        _lastEvents = events.IsEmpty ? _lastEvents : now;
        _trial.Note(events.Length, _watched, now);
    }
}
