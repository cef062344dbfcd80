using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// Tells times of the kernel's stamps, which are of CLOCK_REALTIME, on the loop's clock. How far apart the clocks are is looked up anew every few
/// milliseconds, since somebody may set the time of day; of stamps from before that nobody knows which time they are.
/// </summary>
internal sealed class KernelClock(TimeProvider clock)
{
    private const long Fresh = 10_000_000;

    /// <summary>Two readings of a clock that are closer, in nanoseconds, were not interrupted.</summary>
    private const long Close = 5_000;

    private const int Tries = 3;

    /// <summary>A larger change between two looks, in nanoseconds, is no drift: somebody has set the time of day.</summary>
    private const long Step = 1_000_000;

    private long _offset;
    private long _readAt = long.MinValue / 2;
    private long _validFrom = long.MinValue;

    /// <summary>Whether stamps can be told on the loop's clock at all.</summary>
    public bool IsUsable => clock == TimeProvider.System && OperatingSystem.IsLinux();

    /// <summary>Looks up how far apart the clocks are, if that was long ago.</summary>
    /// <param name="now">Now, on the loop's clock.</param>
    public void Refresh(long now)
    {
        if (now - _readAt < Fresh || !IsUsable)
        {
            return;
        }

        var before = _offset;
        var best = long.MaxValue;
        for (var i = 0; i < Tries && best > Close; i++)
        {
            var from = MonotonicClock.Now(clock);
            var real = Libc.RealTime();
            var took = MonotonicClock.Now(clock) - from;
            if (took < best)
            {
                best = took;
                _offset = from + (took / 2) - real;
            }
        }

        if (Math.Abs(_offset - before) > Step)
        {
            _validFrom = now;
        }

        _readAt = now;
    }

    /// <summary>A stamp on the loop's clock, or 0 when it cannot be told.</summary>
    public long ToLoop(long stamp) => stamp + _offset is var moment && moment >= _validFrom ? moment : 0;
}
