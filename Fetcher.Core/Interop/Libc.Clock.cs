using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>CPU time that this thread has used, in nanoseconds (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).</summary>
    public static unsafe long ThreadCpuTime()
    {
        const int ThreadCpu = 3;
        var time = stackalloc long[2];
        return Native.clock_gettime(ThreadCpu, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : 0;
    }

    private static partial class Native
    {
        [LibraryImport(Library)]
        internal static unsafe partial int clock_gettime(int clock, long* time);
    }
}
