namespace Fetcher.Core.Loop.Watching;

/// <summary>What one loop of a run did and when. Made once the loop has ended.</summary>
internal sealed record LoopRecord
{
    /// <summary>The loop's number, from 0 (<see cref="FetchResult.Loop"/>).</summary>
    public required int Number { get; init; }

    /// <summary>When the loop began, in nanoseconds from the start of the run.</summary>
    public required long From { get; init; }

    /// <summary>When it ended.</summary>
    public required long To { get; init; }

    /// <summary>
    /// Where its wall time went, by name, the longest first, in nanoseconds: <c>idle</c>, <c>blocked</c>, system calls by their names, <c>parse</c>,
    /// <c>tls</c>, <c>decode</c>, <c>cpu burst</c>, <c>callback</c>, <c>gc pause</c>, <c>not scheduled</c>, and <c>other</c>. They add up to the wall time.
    /// </summary>
    public required IReadOnlyList<(string Name, long Nanoseconds)> Budget { get; init; }

    /// <summary>
    /// How long a timer set for each millisecond of the run would have waited for the loop (what Node.js calls <c>eventloop.delay</c>), in nanoseconds.
    /// </summary>
    public required Histogram Delay { get; init; }

    /// <summary>The part of its wall time, from 0 to 1, in which the loop was not idle (Node.js: <c>eventloop.utilization</c>).</summary>
    public required double Utilization { get; init; }

    /// <summary>What it ran, in order of time. Fixed memory: of a long run the last stretch, see <see cref="ForgottenSpans"/>.</summary>
    public required IReadOnlyList<LoopSpan> Spans { get; init; }

    /// <summary>How many earlier spans are gone.</summary>
    public required long ForgottenSpans { get; init; }

    /// <summary>Stalls worth drawing, in the order they ended; of a long run the first and the last ones, see <see cref="ForgottenStalls"/>.</summary>
    public required IReadOnlyList<Stall> Stalls { get; init; }

    /// <summary>How many stalls between them are gone. Sums and blockers know them still.</summary>
    public required long ForgottenStalls { get; init; }

    /// <summary>Who cost the others most, the worst first.</summary>
    public required IReadOnlyList<Blocker> Blockers { get; init; }

    /// <summary>How much of the stalls is only a bound, in nanoseconds: nobody told when what they waited for was there.</summary>
    public long BoundStall { get; init; }

    /// <summary>Bytes that were read with blocking calls.</summary>
    public long BytesBlocking { get; init; }

    /// <summary>Of them, those that had come before the call which read them.</summary>
    public long BytesBuffered { get; init; }

    /// <summary>How its transfers overlapped.</summary>
    public LoopOverlap Overlap { get; init; } = new();
}
