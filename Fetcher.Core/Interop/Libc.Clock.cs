using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>The clock of <see cref="System.Diagnostics.Stopwatch"/>, in nanoseconds (clock_gettime(2), CLOCK_MONOTONIC).</summary>
    [SkipLocalsInit]
    public static unsafe long MonotonicTime()
    {
        const int Monotonic = 1;
        TimeSpec time;
        _ = Native.ReadClock(Monotonic, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>CPU time that this thread has used, in nanoseconds (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
    public static unsafe long ThreadCpuTime()
    {
        const int ThreadCpu = 3;
        var time = stackalloc long[2];
        return Native.clock_gettime(ThreadCpu, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : 0;
    }

    /// <summary>Nanoseconds since the machine started, with those in which it was suspended (clock_gettime(2), CLOCK_BOOTTIME).</summary>
    public static unsafe long BootTime()
    {
        const int Boot = 7;
        var time = stackalloc long[2];
        return Native.clock_gettime(Boot, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : 0;
    }

    /// <summary>
    /// The time of day by the clock of file systems, in nanoseconds (clock_gettime(2), CLOCK_REALTIME_COARSE): it goes in steps of up to 10 ms, and no file
    /// that changes from now on has an earlier stamp.
    /// </summary>
    public static unsafe long FileClock()
    {
        const int RealtimeCoarse = 5;
        var time = stackalloc long[2];
        return Native.clock_gettime(RealtimeCoarse, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : 0;
    }

    /// <summary>clock_nanosleep(2), CLOCK_MONOTONIC, for up to a second. A signal ends it, which is no error here.</summary>
    public static unsafe void Sleep(long nanoseconds)
    {
        SyscallCounters.Current.Count(Syscall.ClockNanosleep);
        const int Monotonic = 1;
        var time = stackalloc long[] { 0, nanoseconds };
        Result(-Native.clock_nanosleep(Monotonic, flags: 0, time, null));
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private static partial class Native
    {
        // No wait, and mostly no system call (vdso(7)): the garbage collector need not be told.
        [LibraryImport(Library, EntryPoint = "clock_gettime")]
        [SuppressGCTransition]
        internal static unsafe partial int ReadClock(int clock, TimeSpec* time);

        [LibraryImport(Library)]
        internal static unsafe partial int clock_gettime(int clock, long* time);

        [LibraryImport(Library)]
        internal static unsafe partial int clock_nanosleep(int clock, int flags, long* time, long* left);
    }
}
