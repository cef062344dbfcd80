using System.Diagnostics;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Timing;

/// <summary>Measures what a run costs, from its making to each <see cref="Read"/>.</summary>
internal sealed class RunMeter
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ResourceUsage _before = Usage();

    public RunCost Read()
    {
        var now = Usage();
        return new RunCost(
            Stopwatch.GetElapsedTime(_started),
            now.CpuUser - _before.CpuUser,
            now.CpuSystem - _before.CpuSystem,
            now.MaxRssBytes,
            now.VoluntaryContextSwitches - _before.VoluntaryContextSwitches,
            now.InvoluntaryContextSwitches - _before.InvoluntaryContextSwitches);
    }

    private static ResourceUsage Usage() => OperatingSystem.IsLinux()
        ? Libc.ProcessUsage()
        : new ResourceUsage(Environment.CpuUsage.UserTime, Environment.CpuUsage.PrivilegedTime, Environment.WorkingSet, 0, 0);
}
