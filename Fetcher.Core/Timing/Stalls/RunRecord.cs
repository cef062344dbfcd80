using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Timing.Stalls;

/// <summary>Where the time of a watched run went: what its loops did, who waited for whom, and what that cost.</summary>
internal sealed record RunRecord
{
    /// <summary>The loops by number. Empty for a mode that has none of ours.</summary>
    public required IReadOnlyList<LoopRecord> Loops { get; init; }

    /// <summary>Who cost the others most, over all loops, the worst first.</summary>
    public required IReadOnlyList<Blocker> Blockers { get; init; }

    /// <summary>How much of the transfers' time overlapped.</summary>
    public required Parallelism Parallelism { get; init; }

    /// <summary>How much of the stalls is only a bound, in nanoseconds.</summary>
    public long BoundStall => Loops.Sum(loop => loop.BoundStall);

    /// <summary>How long timers would have waited for their loop, over all loops.</summary>
    public Histogram Delay
    {
        get
        {
            var all = new Histogram();
            foreach (var loop in Loops)
            {
                all.Merge(loop.Delay);
            }

            return all;
        }
    }

    /// <summary>The part of the loops' time, from 0 to 1, in which they were not idle.</summary>
    public double Utilization
    {
        get
        {
            var wall = Loops.Sum(loop => loop.To - loop.From);
            return wall == 0 ? 0 : Loops.Sum(loop => loop.Utilization * (loop.To - loop.From)) / wall;
        }
    }

    /// <summary>Where the time of all loops went, the longest first.</summary>
    public IReadOnlyList<(string Name, long Nanoseconds)> Budget => [.. Loops
        .SelectMany(loop => loop.Budget)
        .GroupBy(part => part.Name)
        .Select(parts => (parts.Key, parts.Sum(part => part.Nanoseconds)))
        .OrderByDescending(part => part.Item2)];

    /// <summary>Puts together what the loops of a run did; null when none was watched.</summary>
    public static RunRecord? Of(IEnumerable<LoopRecord> watched)
    {
        var loops = watched.OrderBy(loop => loop.Number).ToArray();
        if (loops.Length == 0)
        {
            return null;
        }

        var overlap = new LoopOverlap();
        foreach (var loop in loops)
        {
            overlap.Merge(loop.Overlap);
        }

        var first = Math.Min(overlap.First, overlap.Last);
        return new RunRecord
        {
            Loops = loops,
            Blockers = [.. loops.SelectMany(loop => loop.Blockers).OrderByDescending(blocker => blocker.Cost)],
            Parallelism = new Parallelism(overlap.Last - first, overlap.PerfectLast - first, overlap.Curve.Averages, overlap.Curve.Step),
        };
    }
}
