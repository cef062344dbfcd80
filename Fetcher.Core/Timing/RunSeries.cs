namespace Fetcher.Core.Timing;

/// <summary>What ended in one second of a run. Times are nanoseconds.</summary>
/// <param name="Ok">URLs fetched.</param>
/// <param name="Failed">URLs that failed.</param>
/// <param name="Bytes">Body bytes of both, as sent.</param>
/// <param name="P50">Median of their total time.</param>
/// <param name="P99">Its 99th percentile.</param>
/// <param name="Max">The longest.</param>
internal readonly record struct SecondOfRun(long Ok, long Failed, long Bytes, long P50, long P99, long Max);

/// <summary>
/// A run second by second, by when transfers ended: 48 bytes a second. Results come in that order but for what the loops do at the same time, so two seconds
/// are open at once; what comes still later counts without its time.
/// </summary>
internal sealed class RunSeries
{
    private const long Second = 1_000_000_000;
    private const int Open = 2;

    private readonly List<SecondOfRun> _seconds = [];
    private readonly Histogram[] _times = [new(), new()];

    /// <summary>Counts a result.</summary>
    public void Add(FetchResult result)
    {
        if (!result.IsTransfer)
        {
            return;
        }

        var place = (int)(Math.Max(0, result.Start + result.TimeTotal) / Second);
        while (_seconds.Count <= place)
        {
            Close(_seconds.Count - Open);
            _times[_seconds.Count % Open].Reset();
            _seconds.Add(default);
        }

        var second = _seconds[place];
        _seconds[place] = second with
        {
            Ok = second.Ok + (result.Ok ? 1 : 0),
            Failed = second.Failed + (result.Ok ? 0 : 1),
            Bytes = second.Bytes + result.SizeDownload,
        };
        if (place >= _seconds.Count - Open)
        {
            _times[place % Open].Record(result.TimeTotal);
        }
    }

    /// <summary>The seconds so far, from the start of the run to the last end of a transfer.</summary>
    public IReadOnlyList<SecondOfRun> ToList()
    {
        for (var place = Math.Max(0, _seconds.Count - Open); place < _seconds.Count; place++)
        {
            Close(place);
        }

        return _seconds;
    }

    private void Close(int place)
    {
        if (place >= 0)
        {
            var times = _times[place % Open];
            _seconds[place] = _seconds[place] with { P50 = times.Percentile(50), P99 = times.Percentile(99), Max = times.Max };
        }
    }
}
