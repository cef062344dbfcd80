using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>
    /// sched_setscheduler(2), SCHED_BATCH, for this thread: when it wakes up it does not interrupt who runs on its core. A process may always ask for it,
    /// and where the kernel refuses, nothing but speed is lost.
    /// </summary>
    public static unsafe SysResult YieldToOthers()
    {
        const int ThisThread = 0, Batch = 3;
        var priority = 0;
        SyscallCounters.Current.Count(Syscall.SchedSetScheduler);
        return Result(Native.sched_setscheduler(ThisThread, Batch, &priority));
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int sched_setscheduler(int thread, int policy, int* priority);
    }
}
