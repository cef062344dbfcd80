using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>Finds out how much of a long stretch of work the thread did not work in: the garbage collector stopped it, or it had no CPU.</summary>
internal sealed class ThreadInterruptions
{
    private const long Fresh = 1_000_000;

    private long _pauses = TotalPauses();
    private long _cpu = Libc.ThreadCpuTime();
    private long _worked;
    private long _readAt;

    /// <summary>Counts time in which the thread worked, or would have if it had a CPU, in nanoseconds.</summary>
    public void Count(long worked) => _worked += worked;

    /// <summary>Starts over once a millisecond, since waits use a little CPU too.</summary>
    public void Refresh(long now)
    {
        if (now - _readAt >= Fresh)
        {
            _readAt = now;
            TakeUnscheduled();
        }
    }

    /// <summary>How long the garbage collector has stopped all threads since this was last asked, in nanoseconds.</summary>
    public long TakePauses()
    {
        var before = _pauses;
        _pauses = TotalPauses();
        return _pauses - before;
    }

    /// <summary>How much of the time counted the thread had no CPU in, in nanoseconds.</summary>
    public long TakeUnscheduled()
    {
        var (before, worked) = (_cpu, _worked);
        _cpu = Libc.ThreadCpuTime();
        _worked = 0;
        return Math.Max(0, worked - (_cpu - before));
    }

    private static long TotalPauses() => Nanoseconds.From(GC.GetTotalPauseDuration());
}
