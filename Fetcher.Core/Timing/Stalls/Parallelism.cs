namespace Fetcher.Core.Timing.Stalls;

/// <summary>How well the transfers of a run overlapped. Times are nanoseconds.</summary>
/// <param name="Makespan">From the start of the first transfer to the end of the last.</param>
/// <param name="PerfectMakespan">What the makespan would be if no transfer had waited for its loop, with as many in flight.</param>
/// <param name="InFlight">Transfers in flight, averaged over each step of the run.</param>
/// <param name="Step">Length of a step of <paramref name="InFlight"/>; the first starts with the run.</param>
internal sealed record Parallelism(long Makespan, long PerfectMakespan, IReadOnlyList<double> InFlight, long Step)
{
    /// <summary>The part of the makespan, from 0 to 1, that waiting for the loop has cost.</summary>
    public double Lost => Makespan == 0 ? 0 : Math.Max(0, 1 - ((double)PerfectMakespan / Makespan));
}
