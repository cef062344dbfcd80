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
    /// <summary>In place of when something was last heard of a socket that many share.</summary>
    private const long Shared = long.MinValue;

    /// <summary>What is watched of a loop with one connection: that, and what wakes the loop.</summary>
    private const int Alone = 2;

    private readonly EventStream _stream = new();
    private readonly GatheringTrial _trial = new(Libc.ThreadCpuTime);

    // When something was last heard of each place among the loop's sockets, the lower half of a token.
    private long[] _heard = new long[64];
    private int _watched;

    public bool CanWatch(int fd) => poller.CanWatch(fd);

    public bool TellsFailure => poller.TellsFailure;

    public void Add(int fd, ulong token)
    {
        var place = (int)(uint)token;
        if (place >= _heard.Length)
        {
            Array.Resize(ref _heard, Math.Max(place + 1, 2 * _heard.Length));
        }

        _heard[place] = MonotonicClock.Now(clock);
        poller.Add(fd, token);
        _watched++;
    }

    public void Arm(int fd, ulong token, Interest interest) => poller.Arm(fd, token, interest);

    public void Remove(int fd)
    {
        poller.Remove(fd);
        _watched--;
    }

    public void NoteWait(ulong token, long waited)
    {
        if (token != 0)
        {
            _heard[(int)(uint)token] = Shared;
            _stream.Note(waited);
        }
    }

    public void NoteFlow(int bytes) => _stream.NoteFlow(bytes);

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds != 0 && _trial.Gathers && (_watched <= Alone ? _stream.NapAlone : _stream.Nap) is > 0 and var nap)
        {
            Libc.Sleep(nap);
        }

        var count = poller.Wait(events, timeoutMilliseconds);
        Note(events[..count], MonotonicClock.Now(clock));
        return count;
    }

    public void Dispose() => poller.Dispose();

    private void Note(ReadOnlySpan<PollEvent> events, long now)
    {
        _stream.BeginLook(now, events.IsEmpty);
        foreach (ref readonly var happened in events)
        {
            ref var heard = ref _heard[(int)(uint)happened.Token];
            if (heard != Shared)
            {
                _stream.Note(now - heard);
                heard = now;
            }
        }

        _trial.Note(events.Length, _watched, now);
    }
}
