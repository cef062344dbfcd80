using System.Diagnostics;
using System.Globalization;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Timing;

/// <summary>Measures what a run costs, from its making to each <see cref="Read"/>. CPU and memory are those of the whole process.</summary>
/// <param name="counters">The run's.</param>
internal sealed class RunMeter(RunCounters counters)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ResourceUsage _before = Usage();

    public RunCost Read()
    {
        var now = Usage();
        var wall = Stopwatch.GetElapsedTime(_started);
        var (blocked, loops) = counters.Blocked;
        return new RunCost(
            wall,
            now.CpuUser - _before.CpuUser,
            now.CpuSystem - _before.CpuSystem,
            now.MaxRssBytes,
            now.VoluntaryContextSwitches - _before.VoluntaryContextSwitches,
            now.InvoluntaryContextSwitches - _before.InvoluntaryContextSwitches)
        {
            BlockedShare = loops == 0 ? 0 : blocked / (loops * wall.TotalNanoseconds),
        };
    }

    private static ResourceUsage Usage() => OperatingSystem.IsLinux()
        ? Libc.ProcessUsage() with { MaxRssBytes = PeakResidentSet() }
        : new ResourceUsage(Environment.CpuUsage.UserTime, Environment.CpuUsage.PrivilegedTime, Environment.WorkingSet, 0, 0);

    /// <summary>The peak of this program's resident set (proc(5), VmHWM); null where there is no /proc.</summary>
    private static long? PeakResidentSet()
    {
        try
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(6).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
