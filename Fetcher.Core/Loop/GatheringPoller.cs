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

    /// <summary>With more events than this at once, a wake-up is shared already, and no nap is taken.</summary>
    private const int Few = 16;

    private readonly GatheringTrial _trial = new(Libc.ThreadCpuTime);

    // When something was last heard of each place among the loop's sockets, the lower half of a token.
    private long[] _heard = new long[64];
    private int _watched;
    private long _lastEvents;
    private long _shortestWait = long.MaxValue;
    private bool _isStream;

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
    /// A socket that many share is always busy: how long one of them was waited for says more, and counts in place of how long the socket was.
    /// </summary>
    public void NoteWait(ulong token, long waited)
    {
        if (token == 0)
        {
            return;
        }

        _heard[(int)(uint)token] = Shared;
        _shortestWait = Math.Min(_shortestWait, waited);
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

    private long Nap => _isStream && _trial.Gathers && _shortestWait >= NapsInWait * LeastNap ? Math.Min(MostNap, _shortestWait / NapsInWait) : 0;

    private void Note(ReadOnlySpan<PollEvent> events, long now)
    {
        _shortestWait = long.MaxValue;
        foreach (ref readonly var happened in events)
        {
            ref var heard = ref _heard[(int)(uint)happened.Token];
            if (heard != Shared)
            {
                _shortestWait = Math.Min(_shortestWait, now - heard);
                heard = now;
            }
        }

        _isStream = events.Length is > 0 and <= Few && now - _lastEvents <= events.Length * LeastNap;
        _lastEvents = events.IsEmpty ? _lastEvents : now;
        _trial.Note(events.Length, _watched, now);
    }
}
