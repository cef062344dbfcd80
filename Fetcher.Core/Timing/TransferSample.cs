namespace Fetcher.Core.Timing;

/// <summary>
/// Keeps the transfers of a run that are worth drawing, in fixed memory: the slowest, and an even sample of all others, so that a picture of a long run
/// shows both its worst and its usual. A short run is kept whole. Not safe for several threads.
/// </summary>
/// <param name="slowest">How many of the slowest to keep, at least 1.</param>
/// <param name="others">How many of the others.</param>
internal sealed class TransferSample(int slowest, int others)
{
    private readonly PriorityQueue<TimelineRow, long> _slowest = new(slowest);
    private readonly List<TimelineRow> _others = new(others);

    /// <summary>The same run twice gives the same picture, as far as the network does.</summary>
    private readonly Random _random = new(1);

    private long _offered;

    /// <summary>Transfers seen, in all.</summary>
    public long Count { get; private set; }

    /// <summary>How many of the slowest are kept.</summary>
    public int SlowestKept => _slowest.Count;

    /// <summary>How many of the others are kept.</summary>
    public int OthersKept => _others.Count;

    /// <summary>When the last of them ended, in nanoseconds from the start of the run.</summary>
    public long End { get; private set; }

    /// <summary>The transfers kept, in the order they were due.</summary>
    public IReadOnlyList<TimelineRow> Rows =>
        [.. _slowest.UnorderedItems.Select(item => item.Element).Concat(_others).OrderBy(row => row.Start).ThenBy(row => row.Index)];

    /// <summary>Looks at one result; a line that is no URL, and what an earlier run had fetched, were no transfers.</summary>
    public void Add(FetchResult result)
    {
        if (!result.IsTransfer)
        {
            return;
        }

        Count++;
        End = Math.Max(End, result.Start + result.TimeTotal);
        if (_slowest.Count < slowest)
        {
            _slowest.Enqueue(TimelineRow.Of(result), result.TimeTotal);
        }
        else if (_slowest.TryPeek(out _, out var fastestOfThem) && result.TimeTotal > fastestOfThem)
        {
            Keep(_slowest.DequeueEnqueue(TimelineRow.Of(result), result.TimeTotal), PlaceOfNext());
        }
        else if (PlaceOfNext() is var place && place < others)
        {
            Keep(TimelineRow.Of(result), place);
        }
    }

    /// <summary>Where the next of the others goes (Vitter's algorithm R); beyond the last place for most of a long run.</summary>
    private long PlaceOfNext() => _offered++ is var before && before < others ? before : _random.NextInt64(_offered);

    private void Keep(TimelineRow row, long place)
    {
        if (place == _others.Count && place < others)
        {
            _others.Add(row);
        }
        else if (place < others)
        {
            _others[(int)place] = row;
        }
    }
}
