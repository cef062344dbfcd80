namespace Fetcher.Core.Loop.Watching;

/// <summary>What a loop ran in one stretch of time. The spans of a loop follow one another without a gap.</summary>
/// <param name="From">Its start, in nanoseconds from the start of the run.</param>
/// <param name="To">Its end.</param>
/// <param name="Transfer">Index of the transfer it ran for (<see cref="FetchResult.Index"/>), or <see cref="Nobody"/>.</param>
/// <param name="Kind">What it did.</param>
internal readonly record struct LoopSpan(long From, long To, long Transfer, SpanKind Kind)
{
    /// <summary>No transfer, or several in pieces too short to tell apart.</summary>
    public const long Nobody = -1;

    /// <summary>Its length in nanoseconds.</summary>
    public long Length => To - From;
}
