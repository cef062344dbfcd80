using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>What this process has used so far, all threads (getrusage(2), RUSAGE_SELF).</summary>
    public static unsafe ResourceUsage ProcessUsage()
    {
        // struct rusage: two timevals and fourteen longs, each as long as a pointer.
        var usage = stackalloc nint[18];
        if (Native.getrusage(0, usage) != 0)
        {
            return default;
        }

        const int Voluntary = 16, Involuntary = 17;
        return new ResourceUsage(
            CpuUser: TimeSpan.FromMicroseconds(((long)usage[0] * 1_000_000) + usage[1]),
            CpuSystem: TimeSpan.FromMicroseconds(((long)usage[2] * 1_000_000) + usage[3]),
            MaxRssBytes: null,
            VoluntaryContextSwitches: usage[Voluntary],
            InvoluntaryContextSwitches: usage[Involuntary]);
    }

    private static partial class Native
    {
        [LibraryImport(Library)]
        internal static unsafe partial int getrusage(int who, nint* usage);
    }
}

/// <summary>The figures of getrusage(2) that fetcher reports. Its own largest resident set is left out: it is that of the process, which began as its
/// parent's copy.</summary>
internal readonly record struct ResourceUsage(
    TimeSpan CpuUser, TimeSpan CpuSystem, long? MaxRssBytes, long VoluntaryContextSwitches, long InvoluntaryContextSwitches);
