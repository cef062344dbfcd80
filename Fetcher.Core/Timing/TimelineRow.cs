using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Timing;

/// <summary>One transfer as it went, to be drawn. Times are nanoseconds from the start of the run.</summary>
/// <param name="Index">Its place in the work.</param>
/// <param name="Url">The URL as given, without user info.</param>
/// <param name="Ok">Whether it was fetched.</param>
/// <param name="Start">When it was due.</param>
/// <param name="Phases">How long each phase took, one after the other.</param>
/// <param name="Blocked">When a thread stood in a blocking read of it.</param>
internal sealed record TimelineRow(
    long Index, string Url, bool Ok, long Start, PhaseDurations Phases, IReadOnlyList<(long Start, long End)> Blocked)
{
    /// <summary>How long it waited for its loop in all; 0 when no loop was watched.</summary>
    public long ClientStall { get; init; }

    /// <summary>When it waited for its loop, as far as that is worth drawing.</summary>
    public IReadOnlyList<Stall> Stalls { get; init; } = [];

    /// <summary>What it spent its time on; the phases as they are where it is not known what of them was waiting for the loop.</summary>
    public PhaseDurations Spent { get; init; } = Phases;

    /// <summary>How much of the first phase it waited for a slot.</summary>
    public long QueuedForSlot { get; init; }

    /// <summary>When it ended.</summary>
    public long End => Start + Phases.Total;

    /// <summary>A result as it went, without what a loop did meanwhile.</summary>
    public static TimelineRow Of(FetchResult result) =>
        new(result.Index, result.Url.ToString(), result.Ok, result.Start, PhaseDurations.Of(result), [])
        {
            ClientStall = result.ClientStall,
            QueuedForSlot = result.TimeQueue,
            Spent = PhaseDurations.Spent(result),
        };
}
