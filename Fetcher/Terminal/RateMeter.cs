namespace Fetcher.Terminal;

/// <summary>The rate of a counter over the last few seconds, so that an estimate follows a run that becomes faster or slower.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly Queue<(long Timestamp, long Count)> _samples = new();

    /// <summary>Starts with a count of 0 at the present time.</summary>
    public RateMeter(TimeProvider time)
    {
        _time = time;
        _samples.Enqueue((time.GetTimestamp(), 0));
    }

    /// <summary>Counts a second, of the samples of the last five seconds, the beginning among them.</summary>
    public double PerSecond { get; private set; }

    /// <summary>Takes the counter as it is now.</summary>
    public void Sample(long count)
    {
        var now = _time.GetTimestamp();
        _samples.Enqueue((now, count));
        while (_samples.Count > 2 && _time.GetElapsedTime(_samples.Peek().Timestamp, now) > Window)
        {
            _samples.Dequeue();
        }

        var (oldest, then) = _samples.Peek();
        var elapsed = _time.GetElapsedTime(oldest, now);
        PerSecond = elapsed > TimeSpan.Zero ? (count - then) / elapsed.TotalSeconds : 0;
    }
}
