namespace Fetcher.Core.Loop.Watching;

/// <summary>How much each transfer made others wait. Fixed memory: when there are too many, those that cost least are dropped.</summary>
internal sealed class BlockerTable
{
    private const int Most = 1024;

    private readonly Dictionary<(long Transfer, SpanKind Kind), Entry> _entries = [];

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
    public IReadOnlyList<Blocker> Ranking => [.. _entries
        .Where(entry => entry.Value.Stalled > 0)
        .Select(entry => new Blocker(entry.Key.Transfer, entry.Key.Kind, entry.Value.Held, entry.Value.Cost, entry.Value.Stalled, entry.Value.Url))
        .OrderByDescending(blocker => blocker.Cost)];

    private Entry Find(long transfer, SpanKind kind)
    {
        if (!_entries.TryGetValue((transfer, kind), out var entry))
        {
            if (_entries.Count == Most)
            {
                foreach (var (key, _) in _entries.OrderBy(known => known.Value.Cost).Take(Most / 2).ToArray())
                {
                    _entries.Remove(key);
                }
            }

            _entries[(transfer, kind)] = entry = new Entry();
        }

        return entry;
    }

    private sealed class Entry
    {
        public long Held { get; set; }

        public long LastFrom { get; set; } = long.MinValue;

        public long LastLength { get; set; }

        public long Cost { get; set; }

        public int Stalled { get; set; }

        public string? Url { get; set; }
    }
}
