namespace Fetcher.Core.Loop.Watching;

/// <summary>How much each transfer made others wait. Fixed memory: when there are too many, those that cost least are dropped.</summary>
internal sealed class BlockerTable
{
    private const int Most = 1024;

    // By a number for both, which is quicker found than a pair.
    private readonly Dictionary<long, Entry> _entries = [];

    /// <summary>Counts a span that somebody waited behind, once however many waited.</summary>
    /// <param name="span">The span.</param>
    /// <param name="url">The URL of its transfer, where the name is told.</param>
    public void NoteHeld(in LoopSpan span, string? url = null)
    {
        var entry = Find(span.Transfer, span.Kind);
        entry.Url ??= url;
        if (span.From > entry.LastFrom)
        {
            entry.Held += span.Length;
            (entry.LastFrom, entry.LastLength) = (span.From, span.Length);
        }
        else if (span.From == entry.LastFrom)
        {
            entry.Held += span.Length - entry.LastLength;
            entry.LastLength = span.Length;
        }
    }

    /// <summary>
    /// A transfer has waited behind something, in all its stalls together. One that waited behind so many that it had to be asked before its end may count
    /// twice.
    /// </summary>
    public void NoteCost(long transfer, SpanKind kind, long cost)
    {
        var entry = Find(transfer, kind);
        entry.Cost += cost;
        entry.Stalled++;
    }

    /// <summary>All blockers, the worst first.</summary>
    public IReadOnlyList<Blocker> Ranking => [.. _entries.Values
        .Where(entry => entry.Stalled > 0)
        .Select(entry => new Blocker(entry.Transfer, entry.Kind, entry.Held, entry.Cost, entry.Stalled, entry.Url))
        .OrderByDescending(blocker => blocker.Cost)];

    private Entry Find(long transfer, SpanKind kind)
    {
        var number = (transfer * SpanKinds.Count) + (int)kind;
        if (!_entries.TryGetValue(number, out var entry))
        {
            if (_entries.Count == Most)
            {
                foreach (var (key, _) in _entries.OrderBy(known => known.Value.Cost).Take(Most / 2).ToArray())
                {
                    _entries.Remove(key);
                }
            }

            _entries[number] = entry = new Entry(transfer, kind);
        }

        return entry;
    }

    private sealed class Entry(long transfer, SpanKind kind)
    {
        public long Transfer => transfer;

        public SpanKind Kind => kind;

        public long Held { get; set; }

        public long LastFrom { get; set; } = long.MinValue;

        public long LastLength { get; set; }

        public long Cost { get; set; }

        public int Stalled { get; set; }

        public string? Url { get; set; }
    }
}
