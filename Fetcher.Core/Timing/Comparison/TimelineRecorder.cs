using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Timing.Comparison;

/// <summary>
/// Keeps the first transfers in list order as they went, so that two modes can be drawn with the same URLs in the same rows. Safe for
/// several loops.
/// </summary>
/// <param name="limit">How many to keep.</param>
internal sealed class TimelineRecorder(int limit)
{
    private readonly Lock _lock = new();
    private readonly List<Kept> _kept = new(limit);

    /// <summary>Keeps the result when it is one of the first.</summary>
    public void Add(FetchResult result)
    {
        if (result.Index < limit)
        {
            var row = TimelineRow.Of(result);
            lock (_lock)
            {
                _kept.Add(new Kept(row, result.LocalPort));
            }
        }
    }

    /// <summary>The transfers in list order, with the stretches in which a thread stood in a read of each, and in which each waited for its loop.</summary>
    /// <param name="spans">All stretches of the run in blocking reads.</param>
    /// <param name="startedAt">When the run began, on the clock of these.</param>
    /// <param name="stalls">All stalls that were kept.</param>
    public IReadOnlyList<TimelineRow> Rows(IReadOnlyList<BlockedSpan> spans, long startedAt, IEnumerable<Stall> stalls)
    {
        var byTransfer = stalls.ToLookup(stall => stall.Transfer);
        var byPort = spans.ToLookup(span => span.LocalPort, span => (Start: span.Start - startedAt, End: span.End - startedAt));
        return [.. _kept
            .OrderBy(kept => kept.Row.Index)
            .Select(kept => kept.Row with { Blocked = Within(kept.Row, byPort[kept.LocalPort]), Stalls = [.. byTransfer[kept.Row.Index]] })];
    }

    /// <summary>A port serves one transfer after the other, so what overlaps a transfer in time is its own.</summary>
    private static IReadOnlyList<(long Start, long End)> Within(TimelineRow row, IEnumerable<(long Start, long End)> spans) =>
        [.. spans
            .Where(span => span.Start < row.End && span.End > row.Start)
            .Select(span => (Math.Max(span.Start, row.Start), Math.Min(span.End, row.End)))];

    private readonly record struct Kept(TimelineRow Row, int LocalPort);
}
