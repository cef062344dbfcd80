namespace Fetcher.Core.Loop.Watching;

/// <summary>The stalls of a loop's transfers, and whose fault they were. Fixed memory.</summary>
internal sealed class StallLog(SpanRing spans)
{
    /// <summary>Shorter stalls count, but nobody is blamed, in nanoseconds.</summary>
    private const long Notable = 1_000_000;

    /// <summary>So many of the first and of the last are kept: pictures are made of the first transfers, and of the slowest.</summary>
    private const int Most = 2048;

    private readonly List<Stall> _first = [];
    private readonly Queue<Stall> _last = new();

    /// <summary>Who cost how much.</summary>
    public BlockerTable Blockers { get; } = new();

    /// <summary>How much of all stalls is only a bound, in nanoseconds.</summary>
    public long Bound { get; private set; }

    /// <summary>How many stalls are not kept any more.</summary>
    public long Forgotten { get; private set; }

    /// <summary>A transfer has waited for the loop; asks what the loop did meanwhile.</summary>
    public void Add(TransferWatch transfer, long from, long to, StallCause cause, bool isBound)
    {
        Bound += isBound ? to - from : 0;
        if (to - from < Notable)
        {
            return;
        }

        Span<long> costs = stackalloc long[SpanKinds.Count];
        Span<(LoopSpan Span, long Overlap)> longest = stackalloc (LoopSpan, long)[SpanKinds.Count];
        foreach (var span in spans.Between(from, to))
        {
            if (span.Kind == SpanKind.Idle || span.Transfer == transfer.Index)
            {
                continue;
            }

            var overlap = Math.Min(to, span.To) - Math.Max(from, span.From);
            Blockers.NoteHeld(span);
            transfer.WaitBehind(span, overlap);
            costs[(int)span.Kind] += overlap;
            if (overlap > longest[(int)span.Kind].Overlap)
            {
                longest[(int)span.Kind] = (span, overlap);
            }
        }

        var worst = longest[(int)SpanKinds.Worst(costs)];
        if (worst.Overlap > 0)
        {
            Keep(new Stall(transfer.Index, from, to, cause, isBound, worst.Span));
        }
    }

    /// <summary>Those that are kept, with their times counted from <paramref name="start"/>.</summary>
    public IReadOnlyList<Stall> CountedFrom(long start) =>
    [
        .. _first.Concat(_last).Select(stall => stall with
        {
            From = stall.From - start,
            To = stall.To - start,
            Behind = stall.Behind with { From = stall.Behind.From - start, To = stall.Behind.To - start },
        }),
    ];

    private void Keep(in Stall stall)
    {
        if (_first.Count < Most)
        {
            _first.Add(stall);
            return;
        }

        if (_last.Count == Most)
        {
            _last.Dequeue();
            Forgotten++;
        }

        _last.Enqueue(stall);
    }
}
