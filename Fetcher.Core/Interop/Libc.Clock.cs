using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    private const int MonotonicClockId = 1;

    /// <summary>The clock of <see cref="System.Diagnostics.Stopwatch"/>, in nanoseconds (clock_gettime(2), CLOCK_MONOTONIC).</summary>
    public static long MonotonicTime() => ReadClock(MonotonicClockId);

    /// <summary>CPU time that this thread has used, in nanoseconds (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
    public static long ThreadCpuTime()
    {
        const int ThreadCpu = 3;
        return ReadClock(ThreadCpu);
    }

    /// <summary>Nanoseconds since the machine started, with those in which it was suspended (clock_gettime(2), CLOCK_BOOTTIME).</summary>
    public static long BootTime()
    {
        const int Boot = 7;
        return ReadClock(Boot);
    }

    /// <summary>
    /// The time of day by the clock of file systems, in nanoseconds (clock_gettime(2), CLOCK_REALTIME_COARSE): it goes in steps of up to 10 ms, and no file
    /// that changes from now on has an earlier stamp.
    /// </summary>
    public static long FileClock()
    {
        const int RealtimeCoarse = 5;
        return ReadClock(RealtimeCoarse);
    }

    /// <summary>The time of day in nanoseconds (clock_gettime(2), CLOCK_REALTIME), the clock of the kernel's stamps.</summary>
    public static long RealTime()
    {
        const int Realtime = 0;
        return ReadClock(Realtime);
    }

    /// <summary>clock_nanosleep(2), CLOCK_MONOTONIC, for up to a second. A signal ends it, which is no error here.</summary>
    public static unsafe void Sleep(long nanoseconds)
    {
        SyscallCounters.Current.Count(Syscall.ClockNanosleep);
        var time = new TimeSpec { Nanoseconds = nanoseconds };
        Result(-Native.clock_nanosleep(MonotonicClockId, flags: 0, &time, null));
    }

    /// <summary>Nanoseconds of a clock, or 0 where the kernel has none of that number.</summary>
    [SkipLocalsInit]
    private static unsafe long ReadClock(int clock)
    {
        TimeSpec time;
        return Native.clock_gettime(clock, &time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : 0;
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private static partial class Native
    {
        // No wait, and mostly no system call (vdso(7)): the garbage collector need not be told.
        [LibraryImport(Library)]
        [SuppressGCTransition]
        internal static unsafe partial int clock_gettime(int clock, TimeSpec* time);

        [LibraryImport(Library)]
        internal static unsafe partial int clock_nanosleep(int clock, int flags, TimeSpec* time, TimeSpec* left);
    }
}
