namespace Fetcher.Core.Timing;

/// <summary>When the transfers of a run started, and when they were due: whether the run kept up with its <c>--rate</c>.</summary>
internal sealed class StartTimes
{
    private long _firstDue = long.MaxValue;
    private long _lastDue = long.MinValue;
    private long _firstStart = long.MaxValue;
    private long _lastStart = long.MinValue;

    /// <summary>The longest time from when a transfer was due to its start, in nanoseconds.</summary>
    public long Latest { get; private set; }

    /// <summary>Counts one result, unless its transfer was cancelled before it started.</summary>
    public void Add(FetchResult result)
    {
        if (result is { Attempts: 0, Error.Kind: FetchErrorKind.Cancelled })
        {
            return;
        }

        var start = result.Start + result.TimeQueue;
        (_firstDue, _lastDue) = (Math.Min(_firstDue, result.Start), Math.Max(_lastDue, result.Start));
        (_firstStart, _lastStart) = (Math.Min(_firstStart, start), Math.Max(_lastStart, start));
        Latest = Math.Max(Latest, result.TimeQueue);
    }

    /// <summary>Adds everything <paramref name="other"/> has counted.</summary>
    public void Merge(StartTimes other)
    {
        (_firstDue, _lastDue) = (Math.Min(_firstDue, other._firstDue), Math.Max(_lastDue, other._lastDue));
        (_firstStart, _lastStart) = (Math.Min(_firstStart, other._firstStart), Math.Max(_lastStart, other._lastStart));
        Latest = Math.Max(Latest, other.Latest);
    }

    /// <summary>What came of a rate, or null when none was asked for or nothing started.</summary>
    /// <param name="interval">From one start to the next, as asked; zero for no rate.</param>
    public StartRate? RateOf(TimeSpan interval)
    {
        if (interval == TimeSpan.Zero || _firstDue > _lastDue)
        {
            return null;
        }

        // Of what was due, and not of the wall time: when there was nothing to start, nothing was missed.
        var asked = 1 / interval.TotalSeconds;
        var (due, started) = (_lastDue - _firstDue, _lastStart - _firstStart);
        return new StartRate(asked, started > due ? asked * due / started : asked, Latest);
    }
}

/// <summary>What came of a <c>--rate</c>.</summary>
/// <param name="Asked">Starts a second, as asked.</param>
/// <param name="Reached">Starts a second that there were, while there was something to start.</param>
/// <param name="Latest">The longest time from when a transfer was due to its start, in nanoseconds.</param>
internal readonly record struct StartRate(double Asked, double Reached, long Latest)
{
    /// <summary>A start that is less late is put down to timers and to the program's own start, in nanoseconds.</summary>
    private const double Punctual = 100e6;

    /// <summary>Whether a transfer was not begun before the next was due, and notably late.</summary>
    public bool IsMissed => Latest > Math.Max(Punctual, 1e9 / Asked);
}
