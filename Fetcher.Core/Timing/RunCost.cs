namespace Fetcher.Core.Timing;

/// <summary>What a run cost this process.</summary>
/// <param name="Wall">From the start of the run to its last result.</param>
/// <param name="CpuUser">CPU time in user mode, all threads (getrusage(2), ru_utime).</param>
/// <param name="CpuSystem">CPU time in the kernel, all threads (ru_stime).</param>
/// <param name="MaxRssBytes">Largest resident set of this program so far (VmHWM in proc(5), in bytes); null without /proc.</param>
/// <param name="VoluntaryContextSwitches">Times a thread gave the CPU up to wait (ru_nvcsw).</param>
/// <param name="InvoluntaryContextSwitches">Times a thread was taken off the CPU (ru_nivcsw).</param>
internal sealed record RunCost(
    TimeSpan Wall, TimeSpan CpuUser, TimeSpan CpuSystem, long? MaxRssBytes, long VoluntaryContextSwitches, long InvoluntaryContextSwitches)
{
    /// <summary>Share of the wall time, from 0 to 1, that a thread which read with blocking calls stood in them, serving nobody else.</summary>
    public double BlockedShare { get; init; }

    /// <summary>The cost of a run that has not been measured.</summary>
    public static RunCost None { get; } = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 0, 0, 0);
}
