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
}
