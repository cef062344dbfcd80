namespace Fetcher.Core.Loop;

/// <summary>A period in which a loop's thread stood in blocking receive calls on one socket, in nanoseconds of the run's clock.</summary>
internal readonly record struct BlockedSpan(long Start, long End, int LocalPort);

/// <summary>
/// Sums up the time that one loop's thread spent in receive calls on blocking descriptors: time in which the thread served nobody else. Only such calls are
/// measured, so that a loop that never blocks pays nothing.
/// </summary>
/// <param name="keepsSpans">Whether the periods are kept one by one, to be drawn.</param>
internal sealed class BlockedReads(bool keepsSpans = false)
{
    /// <summary>Of more periods than that, the first are kept.</summary>
    internal const int MostSpans = 8192;

    /// <summary>Calls on one socket with less than this between them, in nanoseconds, are one period.</summary>
    internal const long SamePeriod = 200_000;

    private readonly List<BlockedSpan> _spans = [];

    /// <summary>The time in all calls, in nanoseconds.</summary>
    public long Nanoseconds { get; private set; }

    /// <summary>Whether there was a call at all.</summary>
    public bool HasBlocked { get; private set; }

    /// <summary>The periods, in order of time. To be read after the loop has ended.</summary>
    public IReadOnlyList<BlockedSpan> Spans => _spans;

    /// <summary>Counts one call.</summary>
    public void Add(BlockedSpan call)
    {
        HasBlocked = true;
        Nanoseconds += call.End - call.Start;
        if (!keepsSpans)
        {
            return;
        }

        if (_spans.Count > 0 && _spans[^1] is var last && last.LocalPort == call.LocalPort && call.Start - last.End < SamePeriod)
        {
            _spans[^1] = last with { End = call.End };
        }
        else if (_spans.Count < MostSpans)
        {
            _spans.Add(call);
        }
    }
}
