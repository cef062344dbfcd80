namespace Fetcher.Core.Loop.Watching;

/// <summary>The stalls of a loop's transfers, and what each of them waited behind. Fixed memory.</summary>
internal sealed class StallLog(SpanRing spans)
{
    /// <summary>For shorter stalls, in nanoseconds, it is not looked up what they waited behind; their length counts all the same.</summary>
    private const long Notable = 1_000_000;

    /// <summary>How many of the first, and how many of the last, are kept: pictures are made of the first transfers, and of the slowest.</summary>
    private const int Most = 2048;

    private readonly List<Stall> _first = [];
    private readonly Queue<Stall> _last = new();

    /// <summary>How much each transfer made others wait.</summary>
    public BlockerTable Blockers { get; } = new();

    /// <summary>The part of all stalls, in nanoseconds, that is an upper bound only.</summary>
    public long Bound { get; private set; }

    /// <summary>How many stalls are not kept any more.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Adds a stall, and finds out what the loop did meanwhile.</summary>
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

    /// <summary>Adds a stall behind a body that was not read, whatever the loop did meanwhile.</summary>
    /// <param name="transfer">Who waited.</param>
    /// <param name="from">Since when.</param>
    /// <param name="to">Until when.</param>
    /// <param name="unread">Whose body it was, and when it filled the window.</param>
    /// <param name="url">Its URL.</param>
    public void AddBehindBody(TransferWatch transfer, long from, long to, in LoopSpan unread, string url)
    {
        if (to - from >= Notable)
        {
            Blockers.NoteHeld(unread, url);
            transfer.WaitBehind(unread, to - from);
            Keep(new Stall(transfer.Index, from, to, StallCause.Window, IsBound: false, unread));
        }
    }

    /// <summary>The stalls that are kept, with their times counted from <paramref name="start"/>.</summary>
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
