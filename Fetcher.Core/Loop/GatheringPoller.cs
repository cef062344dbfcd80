using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// Lets events gather that come in a stream. A loop faster than its servers sleeps and wakes up for nearly every response, which costs more than to receive
/// it. Where a wake-up brought little and the next followed at once, it takes a nap before it asks, and serves together what has come meanwhile: a
/// fifth of the CPU of small requests less (bench/NOTES.md). Network cards coalesce interrupts for the same reason.
/// </summary>
/// <param name="poller">How it asks.</param>
/// <param name="clock">What tells a stream.</param>
internal sealed class GatheringPoller(IPoller poller, TimeProvider clock) : IPoller
{
    /// <summary>
    /// How long a nap is and how close together events are for one, in nanoseconds. The kernel sleeps up to 50 µs longer (PR_SET_TIMERSLACK, prctl(2)).
    /// </summary>
    private const long Nap = 50_000;

    /// <summary>Who waits for so long at the least, in nanoseconds, is not much delayed by it: by a tenth in the mean.</summary>
    private const long LeastWait = 500_000;

    /// <summary>More events than that share a wake-up already.</summary>
    private const int Few = 16;

    // When something was last heard of each place among the loop's sockets, the lower half of a token.
    private long[] _heard = new long[64];
    private long _lastEvents;
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
    }

    public void Arm(int fd, ulong token, Interest interest) => poller.Arm(fd, token, interest);

    public void Remove(int fd) => poller.Remove(fd);

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        if (_isStream && timeoutMilliseconds != 0)
        {
            Libc.Sleep(Nap);
        }

        var count = poller.Wait(events, timeoutMilliseconds);
        _isStream = count > 0 && IsStream(events[..count], Nanoseconds.Now(clock));
        return count;
    }

    public void Dispose() => poller.Dispose();

    private bool IsStream(ReadOnlySpan<PollEvent> events, long now)
    {
        var shortestWait = long.MaxValue;
        foreach (ref readonly var happened in events)
        {
            ref var heard = ref _heard[(int)(uint)happened.Token];
            shortestWait = Math.Min(shortestWait, now - heard);
            heard = now;
        }

        var isClose = now - _lastEvents <= events.Length * Nap;
        _lastEvents = now;
        return isClose && events.Length <= Few && shortestWait >= LeastWait;
    }
}
